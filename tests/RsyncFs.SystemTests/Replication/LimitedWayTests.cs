using RsyncFs.SystemTests.Fixtures;
using RsyncFs.SystemTests.Keys;
using RsyncFs.SystemTests.Ssh;
using Xunit;

namespace RsyncFs.SystemTests.Replication;

/// <summary>A limit holds whichever way the bytes go: what needs eight seconds at it is not done in three, on whatever machine.</summary>
public sealed class LimitedWayTests
{
    private const int MiB = 1024 * 1024;
    private const int LimitExitCode = 12;

    private static readonly string[] Limits = ["--bwlimit", "1MiB/s", "--max-time", "3s", "--json"];

    [Fact]
    public async Task OverTls()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        await AssertLimitedAsync(scene.Line("sync"));
        Verdict.Same(scene.Source, scene.Target);
    }

    [Fact]
    public async Task ThroughSsh()
    {
        await using var scene = await SshScene.StartAsync();
        scene.Authorize(scene.ForcedWithTarget);
        await scene.KnowAsync("web1", "write,init");
        await AssertLimitedAsync(scene.Line("sync"));
        Verdict.Same(scene.Pair.Source, scene.Pair.Target);
    }

    [Fact]
    public async Task ToADestinationOfThisMachine()
    {
        using var directory = new TemporaryDirectory();
        var source = Images.Make(directory, "source.img", 8 * MiB);
        new RandomContent(1).WriteTo(source, 0, 8 * MiB);
        var target = directory.At("target.img");
        await AssertLimitedAsync(["sync", source, target, "--create", "--state", directory.At("state")]);
        Verdict.Same(source, target);
    }

    private static async Task AssertLimitedAsync(string[] line)
    {
        // Some lines say --json already, and one is enough.
        string[] plain = [.. line.Where(word => word is not "--json")];
        var limited = await KeyScene.Program.RunAsync([.. plain, .. Limits]);
        Assert.True(limited.ExitCode == LimitExitCode, limited.ToString());
        var reached = RunEvents.Of(limited, "error").Single();
        Assert.Equal("limit-reached", reached.GetProperty("id").GetString());
        // Three seconds, the burst, and the block that was under way.
        Assert.InRange(reached.GetProperty("sent").GetInt64(), 1, (3 * MiB) + (MiB / 2));
        await KeyScene.Program.RunOkAsync(plain);
    }
}
