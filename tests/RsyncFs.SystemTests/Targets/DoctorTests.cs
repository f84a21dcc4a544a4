using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Targets;

/// <summary><c>rsyncfs doctor</c> on the targets of a state directory; what it does with LVM is in <c>Lvm/DoctorLvmTests</c>.</summary>
public sealed class DoctorTests
{
    private static readonly RsyncFsProgram Program = new();

    [Fact]
    public async Task WhereAllIsWellItFindsNothingAndChangesNothing()
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed: true);
        var before = scene.Witness();
        foreach (
            var options in (string[][])
                [
                    [],
                    ["--fix"],
                ]
        )
        {
            var result = await DoctorAsync(scene, options);
            Assert.True(result.ExitCode == 0, result.ToString());
            Assert.Empty(Open(result));
        }

        Assert.Equal(before, scene.Witness());
    }

    [Fact]
    public async Task WhereNothingIsItFindsNothingAndMakesNothing()
    {
        await using var scene = new TargetScene();
        var result = await DoctorAsync(scene, "--fix");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.False(Directory.Exists(scene.State));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ATargetThatDivergedAndADeviceThatPassesForItAreFound(bool isServed)
    {
        await using var scene = new TargetScene();
        Command.Run("mkfs.ext4", "-q", scene.Source.Path);
        await scene.CopyAsItIsAsync(isServed: true);
        new RandomContent(7).WriteTo(scene.Target.Path, 8 * TargetScene.MiB, TargetScene.MiB);
        Assert.Equal(10, (await scene.Replication.VerifyAsync()).ExitCode);
        if (!isServed)
        {
            await scene.Replication.StopAsync();
        }

        var before = scene.Witness();
        var result = await DoctorAsync(scene, "--fix");
        Assert.True(result.ExitCode == 10, result.ToString());
        Assert.Equal(["duplicate-identity db01", "target db01"], Open(result).Order(StringComparer.Ordinal));
        Assert.Equal(10, RunEvents.Of(result, "exit").Single().GetProperty("code").GetInt32());
        Assert.Equal(before, scene.Witness());

        var text = await Program.RunAsync("doctor", "--state", scene.State);
        Assert.Contains("warning  db01: diverged, DIVERGED: ", text.Output, StringComparison.Ordinal);
        Assert.Contains(
            $"{scene.Source.Path} on this machine bears the same",
            text.Output,
            StringComparison.Ordinal
        );
        Assert.Contains(
            $"rsyncfs target show db01 --state {scene.State}",
            text.Output,
            StringComparison.Ordinal
        );
        Assert.Contains("[doctor-findings]", text.Error, StringComparison.Ordinal);
    }

    /// <summary>A target whose state can not be read does not hide what is the matter with the others.</summary>
    [Fact]
    public async Task WhatIsDamagedIsFoundBesideWhatIsLeftOver()
    {
        await using var scene = new TargetScene();
        await scene.CopyAsync(isServed: false);
        var targets = Path.Combine(scene.State, "targets");
        File.WriteAllBytes(Path.Combine(targets, "db01", "state"), new byte[(1 << 20) + 512]);
        foreach (var (name, file) in new[] { ("tried", "lock"), ("lost", "journal") })
        {
            Directory.CreateDirectory(Path.Combine(targets, name));
            File.WriteAllText(Path.Combine(targets, name, file), "");
        }

        var tried = Path.Combine(targets, "tried");
        var lost = Path.Combine(targets, "lost");
        string[] all = [$"leftover {tried}", $"state-lost {lost}", "target db01"];
        Assert.Equal(all, Open(await DoctorAsync(scene)).Order(StringComparer.Ordinal));
        Assert.True(Directory.Exists(tried));

        Assert.Equal(all[1..], Open(await DoctorAsync(scene, "--fix")).Order(StringComparer.Ordinal));
        Assert.False(Directory.Exists(tried));
        Assert.True(File.Exists(Path.Combine(lost, "journal")));
    }

    private static Task<ProgramResult> DoctorAsync(TargetScene scene, params string[] options) =>
        Program.RunAsync(["doctor", "--json", "--state", scene.State, .. options]);

    /// <summary>Class and place of what needs somebody.</summary>
    private static IEnumerable<string> Open(ProgramResult result) =>
        RunEvents
            .Of(result, "finding")
            .Where(found =>
                found.GetProperty("level").GetString() is not "note"
                && !found.GetProperty("fixed").GetBoolean()
            )
            .Select(found =>
                $"{found.GetProperty("id").GetString()} {found.GetProperty("where").GetString()}"
            );
}
