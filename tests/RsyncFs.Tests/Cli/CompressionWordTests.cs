using RsyncFs.Blocks;
using RsyncFs.Cli.Arguments;
using RsyncFs.Errors;
using Xunit;

namespace RsyncFs.Tests.Cli;

public sealed class CompressionWordTests
{
    [Theory]
    [InlineData("auto")]
    [InlineData("none")]
    [InlineData("lz4")]
    [InlineData("zstd:1")]
    [InlineData("zstd:3")]
    [InlineData("zstd:19")]
    public void WhatIsReadIsPrintedTheSame(string word) =>
        Assert.Equal(word, CompressionWord.Parse(word).ToString());

    [Fact]
    public void WhereNothingIsSaidItIsAuto() => Assert.Equal(Compression.Auto, CompressionWord.Parse("auto"));

    [Theory]
    [InlineData("zstd")]
    [InlineData("zstd:")]
    [InlineData("zstd:0")]
    [InlineData("zstd:20")]
    [InlineData("zstd:-3")]
    [InlineData("zstd:+3")]
    [InlineData("zstd: 3")]
    [InlineData("zstd:3.5")]
    [InlineData("zstd:99999999999")]
    [InlineData("zstd3")]
    [InlineData("ZSTD:3")]
    [InlineData("gzip")]
    [InlineData("true")]
    [InlineData("")]
    public void AllElseIsRefused(string word) =>
        Assert.Equal(ErrorId.Usage, Assert.ThrowsAny<RsyncFsException>(() => CompressionWord.Parse(word)).Id);
}
