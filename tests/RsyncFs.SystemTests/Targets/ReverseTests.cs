using System.Globalization;
using RsyncFs.SystemTests.Fixtures;
using Xunit;
using static RsyncFs.SystemTests.Targets.TargetScene;

namespace RsyncFs.SystemTests.Targets;

public sealed class ReverseTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OnlyAPrimaryIsReversedAndThatIsIdempotent(bool isServed)
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed);
        var refused = await scene.RefusedAsync(8, "target-state", "reverse", "db01");
        Assert.Contains("rsyncfs target promote db01", refused.Error, StringComparison.Ordinal);

        await scene.RunAsync("promote", "db01");
        var before = scene.Witness();
        Assert.Equal("reversed", Text(await scene.RunAsync("reverse", "-n", "db01"), "status"));
        Assert.Equal(before, scene.Witness());

        var reversed = await scene.RunAsync("reverse", "db01");
        output.WriteLine(reversed.ToString());
        Assert.Equal("reversed", Text(reversed, "status"));
        Assert.Equal(
            [
                "old primary: rsyncfs target adopt --overwrite db01=DEVICE",
                "old primary: rsyncfs target demote db01",
                "old primary: rsyncfs peer allow HERE db01=write,verify",
                "old primary: rsyncfs serve --listen :8730 --target db01=DEVICE",
                $"here: rsyncfs sync {scene.Target.Path} rsyncfs://OLD-PRIMARY/db01 --state {scene.State}",
            ],
            reversed
                .GetProperty("next")
                .EnumerateArray()
                .Select(next => $"{Text(next, "on")}: {Text(next, "command")}")
        );
        Assert.Equal("if it was never promoted there", Text(reversed.GetProperty("next")[0], "when"));
        var after = scene.Meaning();
        Assert.Equal("already_reversed", Text(await scene.RunAsync("reverse", "db01"), "status"));
        Assert.Equal(after, scene.Meaning());
    }

    [Fact]
    public async Task AfterAReverseADemoteDoesNotLetTheOldSenderIn()
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed: true);
        await scene.RunAsync("promote", "db01");
        await scene.RunAsync("reverse", "db01");
        await scene.RunAsync("demote", "--yes", "db01");
        Assert.Equal("adopted", await scene.StatusAsync());
        var fenced = await scene.Replication.TrySyncAsync();
        output.WriteLine(fenced.ToString());
        Assert.Equal(9, fenced.ExitCode);
    }

    [Fact]
    public async Task ASourceIsKnownByWhateverPathLeadsToIt()
    {
        await using var scene = new TargetScene();
        using var directory = new TemporaryDirectory();
        await scene.CopyAsync(isServed: true);
        var link = directory.At("another-name");
        File.CreateSymbolicLink(link, scene.Source.Path);
        string[] state = ["--state", scene.Replication.SenderState];
        await new RsyncFsProgram().RunOkAsync(["target", "adopt", $"db01={link}", .. state]);
        var shown = (await new RsyncFsProgram().RunOkAsync(["target", "show", "db01", .. state])).Output;
        var volume = (await scene.RunAsync("show", "db01")).GetProperty("volume");
        Assert.Contains(Text(volume, "id"), shown, StringComparison.Ordinal);
        Assert.Equal(9, (await scene.Replication.TrySyncAsync()).ExitCode);
    }

    /// <summary>A new primary is in use, and is sent from a snapshot under another name.</summary>
    [Fact]
    public async Task ASnapshotOfTheNewPrimaryIsTheSourceIfReverseWasToldItsPath()
    {
        await using var scene = new TargetScene();
        using var directory = new TemporaryDirectory();
        await scene.CopyAsync(isServed: false);
        await scene.RunAsync("promote", "db01");
        var snapshot = directory.At("snapshot");
        var reversed = await scene.RunAsync("reverse", "db01", "--source", snapshot);
        Assert.Contains($" {snapshot} rsyncfs://", reversed.ToString(), StringComparison.Ordinal);

        string[] old = ["--state", scene.Replication.SenderState];
        await new RsyncFsProgram().RunOkAsync(["target", "adopt", $"db01={scene.Source.Path}", .. old]);
        await using var receiver = await new RsyncFsProgram().ServeAsync([
            "--listen",
            "127.0.0.1:0",
            "--target",
            $"db01={scene.Source.Path}",
            .. old,
        ]);
        var port = await receiver.PortAsync();
        var to = string.Create(CultureInfo.InvariantCulture, $"rsyncfs+tcp://127.0.0.1:{port}/db01");
        new RandomContent(3).WriteTo(scene.Target.Path, 0, 2 * BlockBytes);
        Command.Run("cp", scene.Target.BackingFile, snapshot);
        var refused = await scene.SyncAsync(scene.Target.Path, to, scene.State);
        Assert.True(refused.ExitCode == 8, refused.ToString());
        var sent = await scene.SyncAsync(snapshot, to, scene.State);
        Assert.True(sent.ExitCode == 0, sent.ToString());
        Assert.Contains(" (2 blocks) ", sent.Output, StringComparison.Ordinal);
        Verdict.Same(snapshot, scene.Source.Path);
    }

    [Fact]
    public async Task ARetiredSourceIsRefusedUntilItIsThePrimaryAgain()
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed: true);
        await scene.RunAsync("promote", "db01");

        // The old primary becomes a target in its own state directory, and is no source any more.
        var adopt = await new RsyncFsProgram().RunAsync(
            "target",
            "adopt",
            $"db01={scene.Source.Path}",
            "--state",
            scene.Replication.SenderState
        );
        output.WriteLine(adopt.ToString());
        Assert.Equal(0, adopt.ExitCode);
        var shown = await ShowOldPrimaryAsync(scene);
        Assert.Contains("adopted", shown, StringComparison.Ordinal);
        Assert.Contains("epoch       1", shown, StringComparison.Ordinal);
        foreach (var verb in (string[])["sync", "verify"])
        {
            var refused = await new RsyncFsProgram().RunAsync(
                verb,
                scene.Source.Path,
                scene.Replication.Destination,
                "--state",
                scene.Replication.SenderState
            );
            Assert.True(refused.ExitCode == 9, refused.ToString());
            Assert.Contains(
                "it is not the primary [source-retired]",
                refused.Error,
                StringComparison.Ordinal
            );
            Assert.Contains(
                $"rsyncfs target reverse db01 --state {scene.Replication.SenderState}\n",
                refused.Error,
                StringComparison.Ordinal
            );
        }
    }

    private static async Task<string> ShowOldPrimaryAsync(TargetScene scene)
    {
        var result = await new RsyncFsProgram().RunOkAsync(
            "target",
            "show",
            "db01",
            "--state",
            scene.Replication.SenderState
        );
        return result.Output;
    }
}
