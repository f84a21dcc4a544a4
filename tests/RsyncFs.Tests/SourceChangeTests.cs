using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>C5: a source without a snapshot may change under us; what is sent is one state of it, or nothing is.</summary>
public sealed class SourceChangeTests
{
    private const int BlockSize = 16384;
    private const int Length = 64 * BlockSize;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Plan.Compare)]
    [InlineData(Plan.Digest)]
    [InlineData(Plan.Full)]
    public async Task ASourceThatIsWrittenWhileItIsReadMakesNoGeneration(Plan plan)
    {
        var (pair, source, target) = await ReplicatedAsync();
        var generation = TargetRecord.Load(pair.ReceiverState)!.Generation;
        var before = target.ToArray();
        source.Content[5 * BlockSize] ^= 1;
        pair.Source = new WrittenWhileRead(source, atRead: 1);
        pair.Options = pair.Options with { Plan = plan };

        var failure = await Assert.ThrowsAsync<DeviceException>(() => pair.RunAsync(Token));
        Assert.Equal(ErrorId.SourceChanged, failure.Id);
        Assert.Equal(generation, TargetRecord.Load(pair.ReceiverState)!.Generation);
        Assert.True(before.AsSpan().SequenceEqual(target), "the target was written");
    }

    [Fact]
    public async Task ABlockThatChangedBetweenScanAndSendIsFoundEvenIfNothingCountsWrites()
    {
        var (pair, source, target) = await ReplicatedAsync();
        source.Content[5 * BlockSize] ^= 1;
        var before = target.ToArray();
        pair.Source = new WrittenWhileRead(source, atRead: 2) { IsCounted = false };
        var failure = await Assert.ThrowsAsync<DeviceException>(() => pair.RunAsync(Token));
        Assert.Equal(ErrorId.SourceChanged, failure.Id);
        Assert.Contains($"offset {5 * BlockSize}", failure.Where!, StringComparison.Ordinal);
        Assert.True(before.AsSpan().SequenceEqual(target), "the target was written");
    }

    [Fact]
    public async Task ASourceInUseIsCopiedAndSaysThatItIsFuzzy()
    {
        var (pair, source, target) = await ReplicatedAsync();
        source.Content[5 * BlockSize] ^= 1;
        pair.Source = new WrittenWhileRead(source, atRead: 2);
        pair.SourceIsInUse = true;
        var report = await pair.RunAsync(Token);
        Assert.True(report.IsFuzzy);
        Assert.True(TargetRecord.Load(pair.ReceiverState)!.IsFuzzy);
        // The changed block went as it was when it was sent, and both ends' maps know it so.
        pair.Source = source;
        pair.SourceIsInUse = false;
        report = await pair.RunAsync(Token);
        Assert.True(source.Content.SequenceEqual(target), "source and target differ");
        Assert.False(TargetRecord.Load(pair.ReceiverState)!.IsFuzzy);
    }

    private static async Task<(
        ReplicationPair Pair,
        MemoryBlockDevice Source,
        byte[] Target
    )> ReplicatedAsync()
    {
        var content = new byte[Length];
        new Random(1).NextBytes(content);
        var source = new MemoryBlockDevice(content, "source");
        var target = new byte[Length];
        var pair = new ReplicationPair(source, new MemoryBlockDevice(target, "target"));
        await pair.RunAsync(Token);
        return (pair, source, target);
    }

    /// <summary>Somebody writes the sixth block right before the n-th read.</summary>
    private sealed class WrittenWhileRead(MemoryBlockDevice inner, int atRead) : IBlockDevice
    {
        private int _reads;

        public bool IsCounted { get; init; } = true;

        public string Name => inner.Name;

        public long LengthBytes => inner.LengthBytes;

        public long SectorsWritten => inner.SectorsWritten;

        public void Read(long offsetBytes, Span<byte> buffer)
        {
            if (Interlocked.Increment(ref _reads) == atRead)
            {
                inner.Content[(5 * BlockSize) + 9] ^= 1;
                inner.CountForeignWrite(IsCounted ? 1 : 0);
            }

            inner.Read(offsetBytes, buffer);
        }

        public void Write(long offsetBytes, ReadOnlySpan<byte> data) => inner.Write(offsetBytes, data);

        public void Zero(Extent extent) => inner.Zero(extent);

        public void Flush() => inner.Flush();

        public Extent NextData(long offsetBytes) => inner.NextData(offsetBytes);

        public ChangeEvidence ReadEvidence() => inner.ReadEvidence();

        public void Dispose() => inner.Dispose();
    }
}
