using System.Globalization;
using System.Text;
using RsyncFs.Linux.Ssh;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Ssh;

/// <summary>How ssh is hung up on, and what is said of its end. A script is in its place.</summary>
public sealed class SshTunnelTests : IDisposable
{
    private const string Forever = "while :; do sleep 0.05; done";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    /// <summary>All at once, because each is waited for.</summary>
    [Fact]
    public async Task OneThatStaysIsAskedToEndAndAtLastMadeTo()
    {
        await Task.WhenAll(
            HangUpAsync($"trap 'echo asked > asked; exit' TERM; echo $$; {Forever}"),
            HangUpAsync($"trap 'echo deaf > deaf' TERM; echo $$; {Forever}"),
            HangUpAsync("echo $$; kill -STOP $$")
        );
        Assert.True(File.Exists(_directory.At("asked")));
        Assert.True(File.Exists(_directory.At("deaf")));
    }

    [Theory]
    [InlineData("exit", null)]
    [InlineData("exit 3", "ssh ended with exit code 3")]
    [InlineData("exit 255", "ssh ended with exit code 255")]
    [InlineData("kill -KILL $$", "ssh ended with exit code 137: signal 9")]
    [InlineData("echo I have had enough >&2; exit 3", "ssh said last: I have had enough")]
    public async Task OneThatEndsIsAskedNothingAndSaysWhy(string how, string? said)
    {
        Assert.Equal(said, await HangUpAsync($"trap 'echo > asked' TERM; echo $$; cat; {how}"));
        Assert.False(File.Exists(_directory.At("asked")));
    }

    /// <summary>One that had to be ended did not end by itself: that is not said of it.</summary>
    [Fact]
    public async Task OneThatHadToBeEndedSaysNothing() =>
        Assert.Null(await HangUpAsync($"echo $$; {Forever}"));

    /// <summary>Fails unless the script has ended behind that; gives its last words.</summary>
    private async Task<string?> HangUpAsync(string script)
    {
        var path = _directory.At(Path.GetRandomFileName());
        await File.WriteAllTextAsync(
            path,
            $"#!/bin/sh\ncd {_directory.Path}\n{script}\n",
            TestContext.Current.CancellationToken
        );
        Command.Run("chmod", "755", path);
        await using var tunnel = SshTunnel.Open(
            new SshCommand([path], User: null, "host", Port: null, "command")
        );
        var process = OtherProcess.Of(await ReadNumberAsync(tunnel));
        await tunnel.DisposeAsync();
        await process.WaitAsync();
        return await tunnel.LastWordsAsync();
    }

    private static async Task<int> ReadNumberAsync(Stream stream)
    {
        var text = new byte[32];
        var count = 0;
        while (!text.Contains((byte)'\n'))
        {
            count += await stream.ReadAsync(text.AsMemory(count), TestContext.Current.CancellationToken);
        }

        return int.Parse(Encoding.ASCII.GetString(text, 0, count), CultureInfo.InvariantCulture);
    }
}
