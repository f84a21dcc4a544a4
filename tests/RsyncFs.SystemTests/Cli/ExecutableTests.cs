using System.Text.Json;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Cli;

/// <summary>What only a real process shows: exit codes, streams, signals.</summary>
public sealed class ExecutableTests
{
    private static readonly RsyncFsProgram Program = new();

    [Fact]
    public async Task HelpExplainsAVerbAndEndsWithExamples()
    {
        var result = await Program.RunOkAsync("sync", "--help");
        Assert.Contains("rsyncfs sync <SOURCE> <DEST>", result.Output, StringComparison.Ordinal);
        Assert.Contains("Examples:\n  rsyncfs sync ", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("/?", result.Output, StringComparison.Ordinal);
        Assert.Empty(result.Error);
    }

    [Fact]
    public async Task VersionIsOneLine()
    {
        Assert.Matches(@"^rsyncfs \d+\.\d+\.\d+\n$", (await Program.RunOkAsync("--version")).Output);
        Assert.Matches(
            @"^rsyncfs \d+\.\d+\.\d+ \(\.NET .*\)\n$",
            (await Program.RunOkAsync("version")).Output
        );
        using var document = JsonDocument.Parse((await Program.RunOkAsync("version", "--json")).Output);
        Assert.Equal(JsonValueKind.String, document.RootElement.GetProperty("version").ValueKind);
    }

    [Fact]
    public async Task AMistypedOptionIsAnErrorWithExitCode2AndNothingOnStandardOutput()
    {
        var result = await Program.RunAsync("sync", "--dryrun", "/dev/a", "/dev/b");
        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Equal(
            "rsyncfs: error: unknown option '--dryrun' [usage]\n  hint   did you mean '--dry-run'?   rsyncfs sync --help\n",
            result.Error
        );
    }

    [Fact]
    public async Task WithJsonAnErrorIsTheLastTwoEventsOnStandardOutput()
    {
        var result = await Program.RunAsync("sync", "--json", "/dev/a");
        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Error);
        var events = result
            .Output.TrimEnd('\n')
            .Split('\n')
            .Select(line => JsonDocument.Parse(line).RootElement)
            .ToList();
        Assert.Equal(["error", "exit"], events.Select(happened => happened.GetProperty("type").GetString()));
        Assert.Equal("usage", events[0].GetProperty("id").GetString());
        Assert.Equal(2, events[1].GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task AResponseFileIsAPathLikeAnyOther()
    {
        var result = await Program.RunAsync("sync", "@/etc/hostname", "/dev/b", "/dev/c");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("'/dev/c' is one argument too many", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AMissingSourceIsExitCode7()
    {
        using var directory = new TemporaryDirectory();
        var result = await Program.RunAsync(
            "sync",
            "--state",
            directory.Path,
            $"{directory.Path}/no",
            $"{directory.Path}/b"
        );
        Assert.True(result.ExitCode == 7, result.ToString());
        Assert.Contains("[source-missing]", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData("TERM", 143)]
    [InlineData("INT", 130)]
    public async Task ServeSaysWhereItListensAndEndsCleanlyOnASignal(string signal, int exitCode)
    {
        using var directory = new TemporaryDirectory();
        var image = Images.Make(directory, "target.img", 1 << 20);
        await using var serving = await Program.ServeAsync(
            "--listen",
            "127.0.0.1:0",
            "--target",
            $"db01={image},init",
            "--state",
            $"{directory.Path}/state"
        );
        Assert.InRange(await serving.PortAsync(), 1, 65535);
        serving.Signal(signal);
        var result = await serving.WaitAsync();
        Assert.True(result.ExitCode == exitCode, result.ToString());
        Assert.Matches(@"^rsyncfs: serving 1 target on 127\.0\.0\.1:\d+\nrsyncfs: stopped\n$", result.Error);
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData("0.0.0.0:0")]
    [InlineData("[::]:0")]
    [InlineData(":0")]
    [InlineData("localhost:0")]
    public async Task ServeListensOnEveryAddressOnOneAndOnANamedOne(string address)
    {
        using var directory = new TemporaryDirectory();
        var image = Images.Make(directory, "target.img", 1 << 20);
        await using var serving = await Program.ServeAsync(
            "--listen",
            address,
            "--target",
            $"db01={image}",
            "--state",
            $"{directory.Path}/state"
        );
        Assert.InRange(await serving.PortAsync(), 1, 65535);
        var said = (await serving.StopAsync()).Error;
        Assert.Equal(
            !address.StartsWith("localhost", StringComparison.Ordinal),
            said.Contains("every sender on another machine is refused", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task TwoReceiversCanNotHaveOnePort()
    {
        using var directory = new TemporaryDirectory();
        var first = Images.Make(directory, "first.img", 1 << 20);
        var second = Images.Make(directory, "second.img", 1 << 20);
        await using var serving = await Program.ServeAsync(
            "--listen",
            "127.0.0.1:0",
            "--target",
            $"a={first}",
            "--state",
            $"{directory.Path}/a"
        );
        var result = await Program.RunAsync(
            "serve",
            "--listen",
            $"127.0.0.1:{await serving.PortAsync()}",
            "--target",
            $"b={second}",
            "--state",
            $"{directory.Path}/b"
        );
        Assert.NotEqual(0, result.ExitCode);
        Assert.DoesNotContain("serving", result.Error, StringComparison.Ordinal);
    }
}
