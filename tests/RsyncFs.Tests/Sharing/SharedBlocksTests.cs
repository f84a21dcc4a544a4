using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Sharing;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Sharing;

public sealed class SharedBlocksTests : IDisposable
{
    private const int BlockSize = 4096;
    private const int BlockCount = 64;
    private const int Length = (BlockCount * BlockSize) - 1000;

    private static readonly BlockLayout Layout = new(Length, BlockSize);

    private readonly byte[] _content = new Random(1).NextBytes(Length);
    private readonly HookedDevice _device;

    public SharedBlocksTests()
    {
        _device = new HookedDevice(new MemoryBlockDevice(_content, "source"));
    }

    public void Dispose() => _device.Dispose();

    [Fact]
    public async Task ReadersInStepReadTheDeviceOnce()
    {
        const int ReaderCount = 4;
        var shared = new SharedBlocks(_device, Layout);
        var takenOver = await Task.WhenAll(
            Enumerable.Range(0, ReaderCount).Select(reader => Task.Run(() => ReadAll(shared, reader + 1)))
        );
        Assert.Equal(Length, _device.BytesRead);
        Assert.Equal((ReaderCount - 1) * (long)Length, takenOver.Sum());
    }

    [Fact]
    public async Task WhateverIsReadInWhateverOrderIsTheContent()
    {
        const int ReaderCount = 4;
        var shared = new SharedBlocks(_device, Layout, capacityBytes: 5 * BlockSize);
        var seeds = TestSeed.NewRandom();
        var readers = Enumerable.Range(0, ReaderCount).Select(_ => new Random(seeds.Next())).ToList();
        await Task.WhenAll(readers.Select(random => Task.Run(() => ReadAnything(shared, random))));
    }

    [Fact]
    public void WhoIsTooFarBehindReadsForHimself()
    {
        var shared = new SharedBlocks(_device, Layout, capacityBytes: 8 * BlockSize);
        Assert.Equal(0, ReadAll(shared, 4));
        // The last eight are there, and the first to come for another pushes them out.
        Assert.Equal(0, ReadAll(shared, 4));
        Assert.Equal(2L * Length, _device.BytesRead);
    }

    [Fact]
    public void WhatOneCouldNotReadTheNextReadsForItself()
    {
        var shared = new SharedBlocks(_device, Layout);
        _device.Reading = () => throw new DeviceException(ErrorId.SourceIo, "input/output error");
        Assert.Throws<DeviceException>(() => shared.Read(0, new byte[3 * BlockSize]));
        _device.Reading = () => { };
        Assert.Equal(0, ReadAll(shared, 3));
        Assert.Equal(Length, ReadAll(shared, 3));
    }

    private long ReadAll(SharedBlocks shared, int blocksAtOnce)
    {
        var takenOver = 0L;
        var buffer = new byte[blocksAtOnce * BlockSize];
        for (var at = 0; at < Length; at += buffer.Length)
        {
            takenOver += ReadOne(shared, at, buffer.AsSpan(0, Math.Min(buffer.Length, Length - at)));
        }

        return takenOver;
    }

    private void ReadAnything(SharedBlocks shared, Random random)
    {
        for (var i = 0; i < 400; i++)
        {
            var block = random.Next(BlockCount);
            var count = random.Next(1, 9);
            var at = (block * BlockSize) + (random.Next(4) == 0 ? random.Next(BlockSize) : 0);
            if (at < Length)
            {
                ReadOne(shared, at, new byte[Math.Min(count * BlockSize, Length - at)]);
            }
        }
    }

    private long ReadOne(SharedBlocks shared, int at, Span<byte> buffer)
    {
        buffer.Fill(0xA5);
        var takenOver = shared.Read(at, buffer);
        Assert.True(_content.AsSpan(at, buffer.Length).SequenceEqual(buffer), $"at {at}");
        return takenOver;
    }
}
