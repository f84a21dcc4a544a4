using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Replication;

/// <summary>Several devices as one group: one journal, one generation, one commit (C3).</summary>
public sealed class GroupTests(ITestOutputHelper output) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private const long DataSize = 12L * MiB;
    private const long LogSize = (5L * MiB) + 512;

    private readonly LoopDevice _data = new(DataSize);
    private readonly LoopDevice _log = new(LogSize);
    private readonly LoopDevice _dataCopy = new(DataSize);
    private readonly LoopDevice _logCopy = new(LogSize);
    private readonly TemporaryDirectory _directory = new();

    private string Source => $"{_data.Path},{_log.Path}";

    private string Target => $"{_dataCopy.Path},{_logCopy.Path}";

    public void Dispose()
    {
        foreach (var device in (LoopDevice[])[_data, _log, _dataCopy, _logCopy])
        {
            device.Dispose();
        }

        _directory.Dispose();
    }

    [Fact]
    public async Task AGroupIsCopiedToAGroupAndThenWhatChangedInAnyOfThem()
    {
        new RandomContent(1).WriteTo(_data.Path, 0, DataSize);
        new RandomContent(2).WriteTo(_log.Path, 0, LogSize);
        await using var scene = new ReplicationScene(Source, Target);
        await scene.ServeAsync();
        output.WriteLine((await scene.SyncAsync()).ToString());
        AssertSame();

        new RandomContent(3).WriteTo(_data.Path, 5 * MiB, 4096);
        new RandomContent(4).WriteTo(_log.Path, LogSize - 1024, 1024);
        var second = await scene.SyncAsync();
        output.WriteLine(second.ToString());
        Assert.Equal("digest", second.Plan);
        Assert.InRange(second.Literal, 4096 + 512, 64 * 1024);
        AssertSame();
        Assert.True((await scene.SyncAsync()).IsUnchanged);
        Assert.Equal(0, (await scene.VerifyAsync()).ExitCode);
        await scene.StopAsync();
    }

    [Fact]
    public async Task ItsImagesAreMadeIfAsked()
    {
        new RandomContent(1).WriteTo(_log.Path, 0, LogSize);
        var images = $"{_directory.At("data.img")},{_directory.At("log.img")}";
        var made = await SyncAsync(Source, images, "--create");
        Assert.True(made.ExitCode == 0, made.ToString());
        Verdict.Same(_data.Path, _directory.At("data.img"));
        Verdict.Same(_log.Path, _directory.At("log.img"));
    }

    [Fact]
    public async Task AGroupThatIsCutOtherwiseIsRefused()
    {
        AssertRefused(await SyncAsync(Source, $"{_logCopy.Path},{_dataCopy.Path}"), 8, "size-mismatch");
        AssertRefused(await SyncAsync(Source, _dataCopy.Path), 8, "size-mismatch");
        AssertRefused(await SyncAsync(_data.Path, Target), 8, "size-mismatch");
        AssertRefused(await SyncAsync($"{_data.Path},{_data.Path}", Target), 2, "usage");
        AssertRefused(await SyncAsync(Source, $"{_dataCopy.Path},{_log.Path}"), 8, "target-in-use");
    }

    [Fact]
    public async Task AForeignWriteToAMemberIsFoundAndAnotherMemberIsAnotherDestination()
    {
        Assert.Equal(0, (await SyncAsync(Source, Target)).ExitCode);
        using var other = new LoopDevice(LogSize);
        var refused = await SyncAsync(Source, $"{_dataCopy.Path},{other.Path}");
        // Another path is another destination, which was never copied to.
        Assert.True(refused.ExitCode == 0, refused.ToString());
        Verdict.Same(_log.Path, other.Path);

        new RandomContent(5).WriteTo(_logCopy.Path, MiB, 512);
        var mended = await SyncAsync(Source, Target);
        output.WriteLine(mended.ToString());
        var again = await SyncAsync(Source, Target);
        Assert.True(again.ExitCode == 0, again.ToString());
        AssertSame();
    }

    private void AssertSame()
    {
        Verdict.Same(_data.Path, _dataCopy.Path);
        Verdict.Same(_log.Path, _logCopy.Path);
    }

    private void AssertRefused(ProgramResult said, int exitCode, string id)
    {
        output.WriteLine(said.ToString());
        Assert.True(said.ExitCode == exitCode, said.ToString());
        Assert.Contains($"[{id}]", said.Error, StringComparison.Ordinal);
    }

    private Task<ProgramResult> SyncAsync(string source, string target, params string[] options) =>
        new RsyncFsProgram().RunAsync([
            "sync",
            source,
            target,
            "--state",
            _directory.At("state"),
            .. options,
        ]);
}
