using RsyncFs.Blocks;
using RsyncFs.Linux.Native;
using Xunit;

namespace RsyncFs.Tests.Blocks;

public sealed class BlockCodecsTests
{
    private readonly BlockCodecs _all = new(new Lz4Codec(), ZstdCodec.Find());
    private readonly BlockCodecs _few = new(new Lz4Codec());

    /// <summary>What a codec holds of native memory does not grow with the cycles of a loop.</summary>
    [Fact]
    public void EachIsMadeOnce()
    {
        Assert.Same(_all.For(Compression.Zstd(3)), _all.For(Compression.Zstd(3)));
        Assert.NotSame(_all.For(Compression.Zstd(3)), _all.For(Compression.Zstd(4)));
        Assert.Same(_all.Find(CodecId.Zstd), _all.Find(CodecId.Zstd));
        Assert.Same(_all.Lz4, _all.For(Compression.Lz4));
        Assert.Null(_all.For(Compression.None));
    }

    [Fact]
    public void WhatIsNotThereIsNotFoundAndNotPromised()
    {
        Assert.Equal((CodecSet.Lz4 | CodecSet.Zstd, CodecSet.Lz4), (_all.Set, _few.Set));
        Assert.Null(_few.Find(CodecId.Zstd));
        Assert.Null(_all.Find((CodecId)3));
        Assert.Throws<InvalidOperationException>(() => _few.For(Compression.Zstd(3)));
        Assert.Throws<InvalidOperationException>(() => _all.For(Compression.Auto));
    }
}
