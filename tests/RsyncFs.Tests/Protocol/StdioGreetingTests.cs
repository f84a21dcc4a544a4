using System.Text;
using RsyncFs.Protocol;
using Xunit;

namespace RsyncFs.Tests.Protocol;

public sealed class StdioGreetingTests
{
    [Theory]
    [InlineData("")]
    [InlineData("Welcome to backup1!\nrsyncfs-stdio 2\n")]
    [InlineData("no line feed, rsyncfs-stdio 1 and rsyncfs-stdio")]
    public async Task WhatComesBeforeIsPassedOverAndWhatComesBehindIsLeft(string before)
    {
        using var stream = new MemoryStream();
        stream.Write(
            Encoding.UTF8.GetBytes(
                before.Replace("rsyncfs-stdio 1", "rsyncfs-stdio", StringComparison.Ordinal)
            )
        );
        await StdioGreeting.WriteAsync(stream, TestContext.Current.CancellationToken);
        stream.Write("frames"u8);
        stream.Position = 0;
        Assert.Null(await StdioGreeting.ReadAsync(stream, TestContext.Current.CancellationToken));
        var rest = new byte[6];
        await stream.ReadExactlyAsync(rest, TestContext.Current.CancellationToken);
        Assert.Equal("frames"u8.ToArray(), rest);
    }

    [Fact]
    public async Task WhatComesInsteadIsTold()
    {
        using var stream = new MemoryStream("sh: 1:\u001b rsyncfs: not found\n"u8.ToArray());
        var other = await StdioGreeting.ReadAsync(stream, TestContext.Current.CancellationToken);
        Assert.Equal("sh: 1:  rsyncfs: not found", other);
    }

    [Fact]
    public async Task WhoeverNeverStopsTalkingIsNotListenedToForEver()
    {
        using var stream = new MemoryStream(new byte[100_000]);
        Assert.NotNull(await StdioGreeting.ReadAsync(stream, TestContext.Current.CancellationToken));
        Assert.InRange(stream.Position, StdioGreeting.MaxBytesBefore, StdioGreeting.MaxBytesBefore + 100);
    }
}
