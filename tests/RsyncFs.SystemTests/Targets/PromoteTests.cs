using RsyncFs.Linux.State;
using RsyncFs.SystemTests.Fixtures;
using Xunit;
using static RsyncFs.SystemTests.Targets.TargetScene;

namespace RsyncFs.SystemTests.Targets;

public sealed class PromoteTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GivesTheDeviceUpFencesTheSenderAndIsIdempotent(bool isServed)
    {
        await using var scene = new TargetScene();
        Command.Run("mkfs.ext4", "-q", scene.Source.Path);
        await scene.CopyAsItIsAsync(isServed);
        var promoted = await scene.RunAsync("promote", "db01");
        output.WriteLine(promoted.ToString());
        Assert.Equal("promoted", Text(promoted, "status"));
        Assert.Equal(isServed, promoted.GetProperty("served").GetBoolean());
        Assert.Equal(scene.Target.Path, Text(promoted, "device"));
        Assert.Equal(2, promoted.GetProperty("epoch").GetInt32());
        Assert.InRange(promoted.GetProperty("loss_seconds").GetDouble(), 0, 300);
        Assert.Contains("STONITH", promoted.GetProperty("warnings")[0].GetString(), StringComparison.Ordinal);

        using (new Mount(scene.Target.Path))
        {
            var again = await scene.RunAsync("promote", "db01");
            Assert.Equal("already_primary", Text(again, "status"));
            Assert.Equal(
                (Text(promoted, "generation"), promoted.GetProperty("loss_seconds").GetDouble()),
                (Text(again, "generation"), again.GetProperty("loss_seconds").GetDouble())
            );
        }

        if (!isServed)
        {
            await scene.Replication.ServeAsync();
        }

        var fenced = await scene.Replication.TrySyncAsync();
        output.WriteLine(fenced.ToString());
        Assert.Equal(9, fenced.ExitCode);
        Assert.Contains("[fenced]\n", fenced.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SaysOnOneLineWhatAScriptNeedsAndOnStandardErrorWhatItDoesNotDo()
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed: true);
        var result = await scene.TryAsync("promote", "db01");
        Assert.Equal(0, result.ExitCode);
        Assert.Matches(
            @"^db01: promoted device=/dev/loop\d+ generation=g[0-9a-f]{8} data_time=\S+Z loss<=\S+ epoch=2 was=consistent\n$",
            result.Output
        );
        Assert.Contains("not your application", result.Error, StringComparison.Ordinal);
        Assert.Contains(
            $"\nrsyncfs: next, here, when the old primary is back: rsyncfs target reverse db01 --state {scene.State}\n",
            result.Error,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("mount", result.Error, StringComparison.Ordinal);
        await scene.Replication.Receiver.WaitForErrorLineAsync("rsyncfs: db01: promoted ");
    }

    [Fact]
    public async Task AFilesystemIsToBeMountedNext()
    {
        await using var scene = new TargetScene();
        Command.Run("mkfs.ext4", "-q", scene.Source.Path);
        await scene.CopyAsItIsAsync(isServed: true);
        var mount = $"mount {scene.Target.Path} DIRECTORY\n";
        Assert.Contains(
            $"\nrsyncfs: next would be, here: {mount}",
            (await scene.TryAsync("promote", "-n", "db01")).Error,
            StringComparison.Ordinal
        );
        Assert.Contains(
            $"\nrsyncfs: next, here: {mount}",
            (await scene.TryAsync("promote", "db01")).Error,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ADryRunChangesNothing(bool isServed)
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed);
        var before = scene.Witness();
        var foreseen = await scene.RunAsync("promote", "-n", "db01");
        Assert.Equal("promoted", Text(foreseen, "status"));
        Assert.True(foreseen.GetProperty("dry_run").GetBoolean());
        Assert.Equal(before, scene.Witness());
        Assert.Equal("consistent", await scene.StatusAsync());
        if (!isServed)
        {
            await scene.Replication.ServeAsync();
        }

        Assert.True((await scene.Replication.SyncAsync()).IsUnchanged);
    }

    /// <summary>What <c>-n</c> says is what happens; and the copy at the begin of a larger device is not lost to the person.</summary>
    [Fact]
    public async Task ADeviceThatGrewIsPromotedOnlyByForceAndItsCopyIsAtItsBegin()
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed: false);
        scene.Target.Resize(Size + MiB);
        foreach (
            var words in (string[][])
                [
                    ["promote", "-n", "db01"],
                    ["promote", "db01"],
                ]
        )
        {
            var refused = await scene.RefusedAsync(8, "target-resized", words);
            Assert.Contains(
                $"its copy has {Size} bytes, the device {Size + MiB}",
                refused.Error,
                StringComparison.Ordinal
            );
            Assert.Contains("rsyncfs target promote db01 --force", refused.Error, StringComparison.Ordinal);
        }

        var promoted = await scene.RunAsync("promote", "db01", "--force");
        output.WriteLine(promoted.ToString());
        Assert.Contains(
            "larger than its copy",
            promoted.GetProperty("warnings")[0].GetString(),
            StringComparison.Ordinal
        );
        Command.Run("cmp", "--bytes", $"{Size}", scene.Source.Path, scene.Target.Path);
    }

    [Fact]
    public async Task WhatHoldsAVerbUpHoldsItsDryRunUp()
    {
        await using var scene = new TargetScene();
        Command.Run("mkfs.ext4", "-q", scene.Source.Path);
        await scene.CopyAsItIsAsync(isServed: false);
        string[][] verbs =
        [
            ["promote", "db01"],
            ["release", "db01"],
            ["resize", "db01"],
            ["adopt", "db01"],
        ];
        using (new Mount(scene.Target.Path, "-o", "ro,noload"))
        {
            foreach (var verb in verbs)
            {
                Assert.Contains(
                    "[target-in-use]",
                    (await scene.TryAsync(verb)).Error,
                    StringComparison.Ordinal
                );
                Assert.Contains(
                    "[target-in-use]",
                    (await scene.TryAsync([.. verb, "-n"])).Error,
                    StringComparison.Ordinal
                );
            }
        }

        using var held = StateLock.Take(Path.Combine(scene.State, "targets", "db01"));
        foreach (var verb in (string[][])[.. verbs, ["demote", "db01"], ["rename", "db01", "db02"]])
        {
            Assert.Contains("[locked]", (await scene.TryAsync(verb)).Error, StringComparison.Ordinal);
            Assert.Contains(
                "[locked]",
                (await scene.TryAsync([.. verb, "-n"])).Error,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task AReceiverStartsWithAPromotedTargetThatIsMounted()
    {
        await using var scene = new TargetScene();
        Command.Run("mkfs.ext4", "-q", scene.Source.Path);
        await scene.CopyAsItIsAsync(isServed: false);
        await scene.RunAsync("promote", "db01");
        using var mount = new Mount(scene.Target.Path);
        await scene.Replication.ServeAsync();
        Assert.Equal("primary", await scene.StatusAsync());
        Assert.Equal(9, (await scene.Replication.TrySyncAsync()).ExitCode);
        File.WriteAllText(Path.Combine(mount.Path, "still"), "writable");
    }

    [Fact]
    public async Task ASenderThatIsAtWorkIsNamedAndEndedOnlyByForce()
    {
        await using var scene = new TargetScene(isOnTwoMachines: true);
        await scene.CopyAsync(isServed: true);
        using var whole = new TemporaryDirectory();
        Command.Run("cp", "--sparse=always", scene.Target.BackingFile, whole.At("n"));

        new RandomContent(2).WriteTo(scene.Source.Path, 0, Size);
        scene.Network.LimitRate(megabitsPerSecond: 8);
        var before = scene.Network.BytesToReceiver;
        await using var sender = scene.Replication.Start();
        await Poll.UntilAsync(() => scene.Network.BytesToReceiver > before + MiB);

        var busy = await scene.TryAsync("promote", "db01");
        output.WriteLine(busy.ToString());
        Assert.Equal(5, busy.ExitCode);
        Assert.Contains("[target-busy]\n", busy.Error, StringComparison.Ordinal);
        Assert.Contains(
            $"\"{Environment.MachineName}\" ({NetworkPair.SenderAddress}:",
            busy.Error,
            StringComparison.Ordinal
        );
        Assert.Equal(5, (await scene.TryAsync("promote", "-n", "db01")).ExitCode);
        Assert.Equal(5, (await scene.TryAsync("release", "db01")).ExitCode);
        Assert.Equal(5, (await scene.TryAsync("resize", "db01")).ExitCode);
        Assert.Equal(5, (await scene.TryAsync("rename", "db01", "db02")).ExitCode);
        Assert.False(sender.HasExited, "the sender was to be at work all the time");

        Assert.Equal("promoted", Text(await scene.RunAsync("promote", "db01", "--force"), "status"));
        Verdict.Same(whole.At("n"), scene.Target.Path);
        var ended = await sender.WaitAsync();
        output.WriteLine(ended.ToString());
        Assert.NotEqual(0, ended.ExitCode);
        scene.Network.LimitRate(megabitsPerSecond: 1000);
        Assert.Equal(9, (await scene.Replication.TrySyncAsync()).ExitCode);
        Verdict.Same(whole.At("n"), scene.Target.Path);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ATargetThatIsNotWholeIsPromotedOnlyByForceAndLoudly(bool isServed)
    {
        await using var scene = new TargetScene(isOnTwoMachines: true);
        new RandomContent(1).WriteTo(scene.Source.Path, 0, Size);
        await scene.Replication.ServeAsync();
        scene.Network.LimitRate(megabitsPerSecond: 16);
        await using (var sender = scene.Replication.Start())
        {
            await Poll.UntilAsync(() => scene.Network.BytesToReceiver > 4 * MiB);
        }

        // The sender is dead; its session ends when the receiver notices.
        await Poll.UntilAsync(() =>
            scene.TryAsync("promote", "-n", "db01").GetAwaiter().GetResult().ExitCode != 5
        );
        if (!isServed)
        {
            await scene.Replication.StopAsync();
        }

        Assert.Equal("initializing", await scene.StatusAsync());
        var refused = await scene.RefusedAsync(8, "target-state", "promote", "db01");
        Assert.Contains("its first copy did not end", refused.Error, StringComparison.Ordinal);
        var forced = await scene.TryAsync("promote", "db01", "--force");
        output.WriteLine(forced.ToString());
        Assert.Equal(0, forced.ExitCode);
        Assert.Contains("THE DEVICE IS NOT ONE WHOLE", forced.Error, StringComparison.Ordinal);
        Assert.Equal("primary", await scene.StatusAsync());
    }

    [Fact]
    public async Task WhatWasNeverInitialisedIsNotPromoted()
    {
        await using var scene = new TargetScene();
        await scene.Replication.ServeAsync();
        await scene.RefusedAsync(8, "target-state", "promote", "db01");
        await scene.RefusedAsync(6, "target-unknown", "promote", "db02");
    }

    [Fact]
    public async Task ALocalDestinationIsPromotedByItsPath()
    {
        await using var scene = new TargetScene();
        new RandomContent(1).WriteTo(scene.Source.Path, 0, Size);
        Assert.Equal(0, (await scene.SyncAsync(scene.Source.Path, scene.Target.Path, scene.State)).ExitCode);
        Assert.Equal("promoted", Text(await scene.RunAsync("promote", scene.Target.Path), "status"));
        var fenced = await scene.SyncAsync(scene.Source.Path, scene.Target.Path, scene.State);
        Assert.True(fenced.ExitCode == 9, fenced.ToString());
    }
}
