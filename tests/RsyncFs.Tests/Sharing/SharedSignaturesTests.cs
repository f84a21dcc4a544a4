using RsyncFs.Blocks;
using RsyncFs.Sharing;
using Xunit;

namespace RsyncFs.Tests.Sharing;

public sealed class SharedSignaturesTests
{
    private static readonly BlockHasher Hasher = HasherOf(seed: 1);

    private readonly SharedSignatures _shared = new(Hasher);
    private readonly byte[] _entries = new byte[4 * Hasher.EntryLength];

    private byte[] Made => [.. Enumerable.Range(1, _entries.Length).Select(i => (byte)i)];

    [Fact]
    public async Task TheFirstMakesThemAndTheOthersWait()
    {
        Assert.False(_shared.TryTake(8, 4, _entries));
        var second = Task.Run(() => _shared.TryTake(8, 4, _entries));
        _shared.Give(8, 4, Made);
        Assert.True(await second);
        Assert.Equal(Made, _entries);
    }

    [Fact]
    public async Task WhatTheFirstCouldNotReadTheSecondMakes()
    {
        Assert.False(_shared.TryTake(8, 4, _entries));
        var second = Task.Run(() => _shared.TryTake(8, 4, _entries));
        _shared.GiveUp(8, 4);
        Assert.False(await second);
        _shared.Give(8, 4, Made);
        Assert.True(_shared.TryTake(8, 4, _entries));
    }

    [Fact]
    public void APieceThatIsCutOtherwiseIsAnotherOne()
    {
        Assert.False(_shared.TryTake(8, 4, _entries));
        _shared.Give(8, 4, Made);
        Assert.False(_shared.TryTake(8, 3, _entries));
        Assert.False(_shared.TryTake(9, 4, _entries));
    }

    [Fact]
    public void TheOldestAreForgotten()
    {
        var few = new SharedSignatures(Hasher, capacityBytes: 2 * _entries.Length);
        foreach (var first in new[] { 0, 4, 8 })
        {
            Assert.False(few.TryTake(first, 4, _entries));
            few.Give(first, 4, Made);
        }

        Assert.True(few.TryTake(8, 4, _entries));
        Assert.True(few.TryTake(4, 4, _entries));
        Assert.False(few.TryTake(0, 4, _entries));
    }

    [Fact]
    public void WhoHashesOtherwiseSharesNothing()
    {
        Assert.True(_shared.IsOf(HasherOf(seed: 1)));
        Assert.False(_shared.IsOf(HasherOf(seed: 2)));
    }

    private static BlockHasher HasherOf(ulong seed) =>
        new(new BlockLayout(1 << 20, 4096), new StrongHash(HashAlgorithmId.XxHash128, seed));
}
