using System.Security.Cryptography;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Maps;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Maps;

public sealed class DigestMapTests
{
    private const int BlockSize = 4096;
    private const int BlockCount = (3 * BlockLayout.BlocksPerGroup) + 17;

    private static readonly BlockHasher Hasher = HasherWithSeed(5);
    private static readonly Guid Generation = Guid.NewGuid();
    private static readonly ChangeEvidence Evidence = new("boot", 8, "");

    private readonly SimulatedDurableDirectory _directory = new();

    [Fact]
    public void WhatWasSealedIsOpenedAgain()
    {
        var root = Seal(out var entries);
        using var map = DigestMap.TryOpen(_directory, "map", Hasher)!;
        Assert.Equal(new DigestMapHeader(Generation, root, Evidence), map.Sealed);
        for (var block = 0; block < BlockCount; block++)
        {
            Assert.Equal(
                BlockHasher.ReadEntry(entries.AsSpan(block * Hasher.EntryLength, Hasher.EntryLength)),
                map.ReadEntry(block)
            );
        }
    }

    [Fact]
    public void AWholeSealThatMakesNoSenseIsNone()
    {
        Seal(out _);
        using (var file = _directory.Open("map"))
        {
            var head = new byte[DigestMapHeader.LengthBytes];
            file.Read(0, head);
            // Whether evidence follows: neither yes nor no.
            head[80] = 2;
            SHA256.HashData(head.AsSpan(0, 4064), head.AsSpan(4064));
            file.Write(0, head);
        }

        Assert.Null(DigestMap.TryOpen(_directory, "map", Hasher));
    }

    [Fact]
    public void WhatWasNotSealedIsNotOpened()
    {
        using (var map = DigestMap.Create(_directory, "map", Hasher))
        {
            map.Set(0, RandomEntries());
            map.FinishGroups();
        }

        Assert.Null(DigestMap.TryOpen(_directory, "map", Hasher));
    }

    [Fact]
    public void TheFirstChangeBreaksTheSealBeforeItIsWritten()
    {
        Seal(out var entries);
        for (var seed = 0; seed < 200; seed++)
        {
            var directory = new SimulatedDurableDirectory();
            using (var map = DigestMap.Create(directory, "map", Hasher))
            {
                map.Set(0, entries);
                map.Seal(Generation, Evidence);
                directory.Flush();
                map.Set(300, RandomEntries().AsSpan(0, Hasher.EntryLength));
                map.FinishGroups();
            }

            directory.Crash(seed);
            Assert.Null(DigestMap.TryOpen(directory, "map", Hasher));
        }
    }

    [Fact]
    public void ReplacingWithTheSameKeepsTheSeal()
    {
        Seal(out var entries);
        using var map = DigestMap.TryOpen(_directory, "map", Hasher)!;
        map.Replace(0, entries, (block, _) => Assert.Fail($"block {block} did not change"));
        Assert.NotNull(map.Sealed);
    }

    [Fact]
    public void ReplacingNamesEachBlockThatChangedWithWhatItWas()
    {
        Seal(out var entries);
        using var map = DigestMap.TryOpen(_directory, "map", Hasher)!;
        var changed = entries.ToArray();
        long[] blocks = [0, 1, 255, 256, 511, 700, BlockCount - 1];
        foreach (var block in blocks)
        {
            changed[(int)block * Hasher.EntryLength] ^= 1;
        }

        var named = new List<long>();
        // In pieces as a scan hands them on: across groups, and not at their borders.
        for (var first = 0; first < BlockCount; first += 100)
        {
            var piece = changed.AsSpan(first * Hasher.EntryLength);
            map.Replace(
                first,
                piece[..Math.Min(piece.Length, 100 * Hasher.EntryLength)],
                (block, old) =>
                {
                    named.Add(block);
                    Assert.Equal(
                        BlockHasher.ReadEntry(
                            entries.AsSpan((int)block * Hasher.EntryLength, Hasher.EntryLength)
                        ),
                        old
                    );
                }
            );
        }

        Assert.Equal(blocks, named);
        Assert.Null(map.Sealed);
        using var fresh = DigestMap.Create(_directory, "other", Hasher);
        fresh.Set(0, changed);
        Assert.Equal(fresh.ComputeRoot(), map.ComputeRoot());
    }

    [Fact]
    public void AMapOfAnotherSeedSizeOrBlockSizeIsNotOpened()
    {
        Seal(out _);
        Assert.Null(DigestMap.TryOpen(_directory, "map", HasherWithSeed(6)));
        var longer = new BlockLayout((BlockCount + 1) * BlockSize, BlockSize);
        Assert.Null(DigestMap.TryOpen(_directory, "map", new BlockHasher(longer, Hasher.Hash)));
        var coarser = new BlockLayout(BlockCount * BlockSize, 2 * BlockSize);
        Assert.Null(DigestMap.TryOpen(_directory, "map", new BlockHasher(coarser, Hasher.Hash)));
    }

    [Fact]
    public void EveryFlippedByteIsFoundBeforeItIsBelieved()
    {
        Seal(out var entries);
        int length;
        using (var file = _directory.Open("map"))
        {
            length = (int)file.LengthBytes;
        }

        var random = new Random(1);
        for (var i = 0; i < 300; i++)
        {
            var at = random.Next(length);
            Flip(at);
            AssertNothingFalseIsRead(entries);
            // A damage that was met has broken the seal: begin anew.
            Seal(out entries);
        }
    }

    private void AssertNothingFalseIsRead(byte[] entries)
    {
        using var map = DigestMap.TryOpen(_directory, "map", Hasher);
        for (var block = 0; map is not null && block < BlockCount; block++)
        {
            try
            {
                Assert.Equal(
                    BlockHasher
                        .ReadEntry(entries.AsSpan(block * Hasher.EntryLength, Hasher.EntryLength))
                        .Strong,
                    map.ReadEntry(block).Strong
                );
            }
            catch (StateException damaged)
            {
                Assert.Equal(ErrorId.StateDamaged, damaged.Id);
                return;
            }
        }
    }

    private void Flip(int at)
    {
        using var file = _directory.Open("map");
        Span<byte> one = stackalloc byte[1];
        file.Read(at, one);
        one[0] ^= 0x10;
        file.Write(at, one);
    }

    private Digest Seal(out byte[] entries)
    {
        entries = RandomEntries();
        using var map = DigestMap.Create(_directory, "map", Hasher);
        map.Set(0, entries);
        map.Seal(Generation, Evidence);
        return map.Sealed!.Root;
    }

    private static byte[] RandomEntries()
    {
        var entries = new byte[BlockCount * Hasher.EntryLength];
        new Random(9).NextBytes(entries);
        return entries;
    }

    private static BlockHasher HasherWithSeed(ulong seed) =>
        new(
            new BlockLayout(BlockCount * (long)BlockSize, BlockSize),
            new StrongHash(HashAlgorithmId.XxHash128, seed)
        );
}
