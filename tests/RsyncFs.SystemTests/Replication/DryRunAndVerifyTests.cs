using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Replication;

/// <summary>What looks and does not touch: <c>sync --dry-run</c> and <c>verify</c>.</summary>
public sealed class DryRunAndVerifyTests(ITestOutputHelper output) : IDisposable
{
    private const int Page = 4096;
    private const int MiB = 1024 * 1024;
    private const long Size = (24L * MiB) + 1536;

    private readonly LoopDevice _source = new(Size);
    private readonly LoopDevice _target = new(Size);

    public void Dispose()
    {
        _source.Dispose();
        _target.Dispose();
    }

    [Fact]
    public async Task ADryRunOfAFirstCopyWritesNothingAndTellsWhatItWillDo()
    {
        new RandomContent(1).WriteTo(_source.Path, 0, 12 * MiB);
        new RandomContent(2).WriteTo(_target.Path, 0, Size);
        await using var scene = new ReplicationScene(_source.Path, _target.Path);
        await scene.ServeAsync();
        var dry = await DryRunAsync(scene);
        Assert.Equal("full", dry.Plan);
        AssertForetold(dry, Show("real", await scene.SyncAsync()));
        scene.AssertSame();
    }

    [Theory]
    [InlineData("auto")]
    [InlineData("compare")]
    [InlineData("full")]
    public async Task ADryRunOfAChangeWritesNothingAndTellsWhatItWillDo(string plan)
    {
        await using var scene = await CopiedAsync();
        Change();
        var dry = await DryRunAsync(scene, "--plan", plan);
        AssertForetold(dry, Show("real", await scene.SyncAsync("--plan", plan)));
        scene.AssertSame();
    }

    [Fact]
    public async Task ADryRunToAnImageThatIsNotThereMakesNone()
    {
        using var directory = new TemporaryDirectory();
        var image = directory.At("target.img");
        var result = await new RsyncFsProgram().RunAsync(
            "sync",
            "--dry-run",
            "--create",
            _source.Path,
            image,
            "--state",
            directory.At("state")
        );
        Assert.NotEqual(0, result.ExitCode);
        Assert.False(File.Exists(image));
    }

    [Fact]
    public async Task VerifyReadsBothAndSaysThatTheyAreEqual()
    {
        await using var scene = await CopiedAsync();
        var before = WitnessOf(scene);
        var result = await scene.VerifyAsync();
        output.WriteLine(result.Output);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("equal", result.Output, StringComparison.Ordinal);
        Assert.Equal(before, WitnessOf(scene));
    }

    [Fact]
    public async Task VerifyFindsOneFlippedBitAndWritesNothing()
    {
        await using var scene = await CopiedAsync();
        var at = (13L * MiB) + 77;
        var flipped = DeviceBytes.Read(_target.Path, at, 1);
        flipped[0] ^= 4;
        DeviceBytes.Write(_target.Path, at, flipped);
        var before = WitnessOf(scene) with { State = "" };
        var result = await scene.VerifyAsync();
        output.WriteLine(result.ToString());
        Assert.True(result.ExitCode == 10, result.ToString());
        Assert.Contains("[verify-differs]", result.Error, StringComparison.Ordinal);
        Assert.Contains("1 different block", result.Error, StringComparison.Ordinal);
        Assert.Contains($"offset {at / 65536 * 65536}", result.Error, StringComparison.Ordinal);
        Assert.Contains("hint", result.Error, StringComparison.Ordinal);
        // The receiver's state says that the target is diverged (C10); the device is as it was.
        Assert.Equal(before, WitnessOf(scene) with { State = "" });
        Assert.False(Verdict.IsSame(_source.Path, _target.Path));
    }

    [Fact]
    public async Task VerifyOfTwoDevicesOfOneMachineNeedsNoReceiver()
    {
        using var directory = new TemporaryDirectory();
        new RandomContent(1).WriteTo(_source.Path, 0, 4 * MiB);
        new RandomContent(1).WriteTo(_target.Path, 0, 4 * MiB);
        string[] line = ["verify", _source.Path, _target.Path, "--state", directory.Path];
        Assert.Equal(0, (await new RsyncFsProgram().RunAsync(line)).ExitCode);
        DeviceBytes.Write(_target.Path, Size - 1, [1]);
        Assert.Equal(10, (await new RsyncFsProgram().RunAsync(line)).ExitCode);
    }

    /// <summary>I11: of a device that has another length than the copy had, nothing is known that it could differ from.</summary>
    [Fact]
    public async Task VerifyOfImagesThatHaveGrownTakesNoTrustAway()
    {
        using var directory = new TemporaryDirectory();
        var (source, target) = (directory.At("source.img"), directory.At("target.img"));
        string[] state = ["--state", directory.At("state")];
        File.WriteAllBytes(source, new byte[8 * MiB]);
        new RandomContent(1).WriteTo(source, MiB, 2 * MiB);
        File.WriteAllBytes(target, new byte[8 * MiB]);
        await new RsyncFsProgram().RunOkAsync(["sync", source, target, .. state]);
        foreach (var image in (string[])[source, target])
        {
            using var file = new FileStream(image, FileMode.Open);
            file.SetLength(9 * MiB);
        }

        var result = await new RsyncFsProgram().RunAsync(["verify", source, target, .. state]);
        output.WriteLine(result.ToString());
        Assert.Equal(0, result.ExitCode);
        var shown = await new RsyncFsProgram().RunOkAsync(["target", "list", .. state]);
        output.WriteLine(shown.Output);
        Assert.Contains("consistent", shown.Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("diverged", shown.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task AfterVerifyFoundADifferenceTheNextSyncMendsIt()
    {
        await using var scene = await CopiedAsync();
        new RandomContent(50).WriteTo(_target.Path, 5 * MiB, Page);
        Assert.Equal(10, (await scene.VerifyAsync()).ExitCode);
        Assert.False(Show("mended", await scene.SyncAsync()).IsUnchanged);
        scene.AssertSame();
        Assert.Equal(0, (await scene.VerifyAsync()).ExitCode);
    }

    private async Task<ReplicationScene> CopiedAsync()
    {
        new RandomContent(1).WriteTo(_source.Path, 0, 20 * MiB);
        var scene = new ReplicationScene(_source.Path, _target.Path);
        await scene.ServeAsync();
        Show("first", await scene.SyncAsync());
        scene.AssertSame();
        return scene;
    }

    private void Change()
    {
        for (var i = 0; i < 50; i++)
        {
            new RandomContent(30).WriteTo(_source.Path, (3L + (50 * i)) * Page, Page);
        }

        DeviceBytes.Write(_source.Path, 15 * MiB, new byte[2 * MiB]);
        DeviceBytes.Copy(_source.Path, 2 * MiB, (18 * MiB) + 512, MiB);
    }

    private async Task<RunSummary> DryRunAsync(ReplicationScene scene, params string[] options)
    {
        var before = WitnessOf(scene);
        var summary = Show("dry", await scene.SyncAsync(["--dry-run", .. options]));
        Assert.Equal(before, WitnessOf(scene));
        Assert.True(summary.Flag("dry_run"));
        Assert.Equal(0, summary.TargetWritten);
        return summary;
    }

    /// <summary>
    /// What a run that writes nothing leaves as it was: the target's bytes, its count of writes, the receiver's state.
    /// The digest map is derived, and made anew by whatever reads the device.
    /// </summary>
    private (string Target, long Sectors, string State) WitnessOf(ReplicationScene scene) =>
        (
            DeviceBytes.Hash(_target.Path),
            _target.SectorsWritten,
            DeviceBytes.HashTree(scene.ReceiverState, "lock", "map", "control.sock", "control.sock.lock")
        );

    private static void AssertForetold(RunSummary dry, RunSummary real)
    {
        Assert.Equal(real.Changed, dry.Changed);
        Assert.Equal(real.Literal, dry.Literal);
        Assert.Equal(real.Copied, dry.Copied);
        Assert.Equal(real.Zeroed, dry.Zeroed);
        Assert.Equal(real.Stored, dry.Stored);
    }

    private RunSummary Show(string what, RunSummary summary)
    {
        output.WriteLine($"{what, -6} {summary}");
        return summary;
    }
}
