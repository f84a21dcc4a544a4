using System.Globalization;
using RsyncFs.Linux.Devices;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Lvm;

/// <summary>
/// Volumes of one application: what was written to one after another is on the copy only if what came before it is.
/// The judge is a writer that writes a number to each volume in turn, each durably before the next.
/// </summary>
[Collection(VolumeGroup.Collection)]
public sealed class GroupLvmTests(ITestOutputHelper output) : IDisposable
{
    private const int VolumeBytes = 16 * 1024 * 1024;

    private readonly TemporaryDirectory _directory = new();
    private readonly VolumeGroup _group = new();
    private string[] _sources = [];
    private string[] _targets = [];

    public void Dispose()
    {
        _group.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(true, false, true)]
    public async Task AllVolumesAreOfOneMoment(params bool[] isThin)
    {
        Make(isThin);
        using (var writer = new OrderedWriter(_sources))
        {
            await SyncAsync("--force");
            AssertInOrder();
            for (var cycle = 0; cycle < 3; cycle++)
            {
                Assert.Equal("tracked", (await SyncAsync()).Plan);
                AssertInOrder();
            }

            Assert.True(writer.Stop() > 3, "the writer stood still");
        }

        Assert.Equal("tracked", (await SyncAsync()).Plan);
        AssertEqual();
        AssertNothingIsHeld();
    }

    /// <summary>Nobody else resumes them.</summary>
    [Theory]
    [InlineData("KILL")]
    [InlineData("STOP")]
    public async Task WhateverBecomesOfTheProgramTheVolumesAreResumed(string signal)
    {
        Make(isThin: [false, true, true]);
        await SyncAsync("--force");
        using var writer = new OrderedWriter(_sources);
        await using (var sender = LvmScene.Start(Line()))
        {
            await Poll.UntilAsync(() => sender.HasExited || BlockSysfs.SuspendedMapped().Any());
            sender.Signal(signal);
            await Poll.UntilAsync(() => !BlockSysfs.SuspendedMapped().Any());
            var before = writer.Count;
            await Poll.UntilAsync(() => writer.Count > before);
            if (signal is "STOP")
            {
                sender.Signal("CONT");
                var said = await sender.WaitAsync();
                output.WriteLine(said.ToString());
                Assert.Equal(7, said.ExitCode);
            }
            else
            {
                await sender.WaitAsync();
            }
        }

        await SyncAsync();
        AssertInOrder();
        AssertNothingIsLeft();
    }

    /// <summary>A suspend flushes for as long as it takes, and nobody can undo it before it is done: not even who was told to.</summary>
    [Fact]
    public async Task ASuspendThatOutlivesItsRunIsUndone()
    {
        const string Slow = """
            real=$1/real && shift
            cat >"${real%/*}/slow" <<END
            #!/bin/bash
            [[ \$1 != suspend ]] || { touch $real.begun && sleep 15; }
            $real "\$@" && { [[ \$1 != suspend ]] || touch $real.done; }
            END
            chmod +x "${real%/*}/slow" && cp /usr/sbin/dmsetup "$real"
            mount --bind "${real%/*}/slow" /usr/sbin/dmsetup && exec "$@"
            """;
        Make(isThin: [false, false]);
        using var writer = new OrderedWriter(_sources);
        var slow = new RsyncFsProgram("unshare", "-m", "bash", "-ec", Slow, "slow", _directory.Path);
        await using (var sender = slow.Start(Line("--force")))
        {
            await Poll.UntilAsync(() => File.Exists(_directory.At("real.begun")));
            sender.Signal("KILL");
            await sender.WaitAsync();
        }

        await Poll.UntilAsync(() => File.Exists(_directory.At("real.done")));
        await Poll.UntilAsync(() => !BlockSysfs.SuspendedMapped().Any());
        var before = writer.Count;
        await Poll.UntilAsync(() => writer.Count > before);
        await SyncAsync("--force");
        AssertInOrder();
        AssertNothingIsHeld();
    }

    [Fact]
    public async Task AVolumeThatIsFrozenLetsTheOthersGo()
    {
        Make(isThin: [false, false]);
        Command.Run("mkfs.ext4", "-q", _sources[1]);
        using var mount = new Mount(_sources[1]);
        var volumes = Command.Run("lvs", "--noheadings", "-o", "name", _group.Name);
        Command.Run("fsfreeze", "--freeze", mount.Path);
        try
        {
            var said = await new RsyncFsProgram().RunAsync(Line("--force"));
            output.WriteLine(said.ToString());
            Assert.True(said.ExitCode == 7, said.ToString());
            Assert.Empty(BlockSysfs.SuspendedMapped());
            Assert.Equal(volumes, Command.Run("lvs", "--noheadings", "-o", "name", _group.Name));
        }
        finally
        {
            Command.Run("fsfreeze", "--unfreeze", mount.Path);
        }

        await SyncAsync("--force");
    }

    /// <summary>Of a snapshot that LVM does not list nobody hears but from its source's notes, and from doctor.</summary>
    [Fact]
    public async Task SnapshotsThatOnlyTheirPoolKnowsAreListedWhereNoSourceNotesThem()
    {
        Make(isThin: [true, true]);
        await SyncAsync("--force");
        Assert.Empty(await ForeignAsync(_directory.At("state")));
        var foreign = await ForeignAsync(_directory.At("another-state"));
        Assert.Equal(2, foreign.Count);
        Assert.All(
            foreign,
            hint => Assert.Contains("dmsetup remove rsyncfs-", hint, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task AClassicBaseThatRanFullMeansThatTheWholeGroupIsRead()
    {
        Make(isThin: [false, true], "64m");
        await SyncAsync("--force", "--cow-size", "16MiB");
        new RandomContent(9).WriteTo(_sources[0], VolumeBytes, 30 * 1024 * 1024);
        var summary = await SyncAsync("--cow-size", "16MiB");
        Assert.Equal("digest", summary.Plan);
        Assert.Contains(_sources[0], summary.Text("plan_reason"), StringComparison.Ordinal);
        Assert.Contains("ran full", summary.Text("plan_reason"), StringComparison.Ordinal);
        AssertEqual();
        Assert.Equal("tracked", (await SyncAsync("--cow-size", "16MiB")).Plan);
        AssertEqual();
    }

    /// <summary>Each is served from the one base, though the other moved it.</summary>
    [Fact]
    public async Task TwoReceiversOfAGroupGetWhatItsFilesystemsUse()
    {
        Make(isThin: [false, true], "24m");
        foreach (var source in _sources)
        {
            Command.Run("mkfs.ext4", "-q", source);
        }

        string[][] both = [_targets, [_directory.At("image-0"), _directory.At("image-1")]];
        foreach (var targets in both)
        {
            _targets = targets;
            await SyncAsync("--used-only", "--force", "--create");
        }

        for (var cycle = 0; cycle < 2; cycle++)
        {
            foreach (var source in _sources)
            {
                using var mount = new Mount(source);
                var file = Path.Combine(mount.Path, $"file-{cycle}");
                Command.Run("dd", "if=/dev/urandom", $"of={file}", "bs=1M", "count=3", "status=none");
            }

            foreach (var targets in both)
            {
                _targets = targets;
                var summary = await SyncAsync("--used-only");
                Assert.Equal("tracked", summary.Plan);
                Assert.True(summary.Number("free") > 2 * 8 * 1024 * 1024, summary.ToString());
                Assert.All(targets, target => Command.Run("e2fsck", "-fn", target));
            }
        }

        var compared = await new RsyncFsProgram().RunAsync(["verify", .. Line("--used-only")[1..]]);
        Assert.True(compared.ExitCode == 0, compared.ToString());
        AssertNothingIsHeld();
    }

    /// <summary>Its state could not be written while they are held.</summary>
    [Fact]
    public async Task AVolumeThatHoldsTheStateIsNoMember()
    {
        Make(isThin: [false, false]);
        Command.Run("mkfs.ext4", "-q", _sources[1]);
        using var mount = new Mount(_sources[1]);
        var said = await new RsyncFsProgram().RunAsync([
            "sync",
            string.Join(',', _sources),
            string.Join(',', _targets),
            "--state",
            Path.Combine(mount.Path, "state"),
        ]);
        output.WriteLine(said.ToString());
        Assert.Equal(7, said.ExitCode);
        Assert.Contains("the volume that this program needs", said.Error, StringComparison.Ordinal);
        Assert.All(_sources, source => Assert.Empty(_group.SnapshotsOf(Path.GetFileName(source))));
    }

    private void Make(bool[] isThin, string size = "16m")
    {
        _sources = [.. isThin.Select((thin, i) => _group.Make($"source-{i}", thin, size))];
        _targets = [.. isThin.Select((_, i) => _group.Make($"copy-{i}", isThin: false, size))];
        foreach (var (source, i) in _sources.Select((source, i) => (source, i)))
        {
            new RandomContent((ulong)i).WriteTo(source, 0, VolumeBytes);
            OrderedWriter.Put(source, 0);
        }
    }

    private string[] Line(params string[] options) =>
        [
            "sync",
            string.Join(',', _sources),
            string.Join(',', _targets),
            "--json",
            "--state",
            _directory.At("state"),
            .. options,
        ];

    /// <summary>A machine that is too busy to take the snapshots in time says so, and has let everybody go: then once more.</summary>
    private async Task<RunSummary> SyncAsync(params string[] options)
    {
        const int AttemptCount = 5;
        ProgramResult result;
        var attempt = 0;
        do
        {
            result = await new RsyncFsProgram().RunAsync(Line(options));
            output.WriteLine($"attempt {++attempt}: exit code {result.ExitCode}");
        } while (attempt < AttemptCount && IsTooLate(result));

        Assert.True(result.ExitCode == 0, result.ToString());
        var summary = new RunSummary(RunEvents.Of(result, "summary").Single());
        output.WriteLine(summary.ToString());
        return summary;
    }

    private static bool IsTooLate(ProgramResult result)
    {
        if (result.ExitCode != 7 || !result.Output.Contains("not taken in time", StringComparison.Ordinal))
        {
            return false;
        }

        AssertNothingIsHeld();
        return true;
    }

    /// <summary>The hints of what doctor finds to be another's.</summary>
    private static async Task<IReadOnlyList<string>> ForeignAsync(string state)
    {
        var result = await new RsyncFsProgram().RunAsync("doctor", "--json", "--state", state);
        return
        [
            .. RunEvents
                .Of(result, "finding")
                .Where(found => found.GetProperty("id").GetString() is "foreign-snapshot")
                .Select(found => found.GetProperty("hint").GetString()!)
                .Where(hint => hint.Contains("dmsetup", StringComparison.Ordinal)),
        ];
    }

    private void AssertEqual()
    {
        foreach (var (source, target) in _sources.Zip(_targets))
        {
            Verdict.Same(source, target);
        }
    }

    private void AssertInOrder()
    {
        var numbers = _targets.Select(OrderedWriter.Get).ToList();
        output.WriteLine(string.Join(' ', numbers));
        for (var i = 1; i < numbers.Count; i++)
        {
            Assert.True(
                numbers[i - 1] >= numbers[i] && numbers[i] >= numbers[0] - 1,
                $"out of order: {string.Join(' ', numbers)}"
            );
        }
    }

    private static void AssertNothingIsHeld() => Assert.Empty(BlockSysfs.SuspendedMapped());

    /// <summary>One base, of LVM's snapshots and of the pool's own.</summary>
    private void AssertNothingIsLeft()
    {
        AssertNothingIsHeld();
        Assert.Single(_group.SnapshotsOf("source-0"));
        Assert.Empty(_group.SnapshotsOf("source-1"));
        Assert.Equal(2, NumbersInPool());
        var notes = Directory
            .EnumerateFiles(_directory.At("state"), "thin_*", SearchOption.AllDirectories)
            .ToList();
        Assert.Equal(2, notes.Count);
        Assert.DoesNotContain(notes, note => note.EndsWith(".new", StringComparison.Ordinal));
        var mapped = Command.Run("dmsetup", "ls").Split('\n');
        Assert.Equal(
            2,
            mapped.Count(line =>
                line.StartsWith("rsyncfs-", StringComparison.Ordinal)
                && !line.Contains("test", StringComparison.Ordinal)
            )
        );
    }

    /// <summary>How many volumes the pool has of numbers that LVM does not use.</summary>
    private int NumbersInPool()
    {
        var (pool, metadata) = (_group.MappedName("pool") + "-tpool", _group.MappedName("pool") + "_tmeta");
        Command.Run("dmsetup", "message", pool, "0", "reserve_metadata_snap");
        try
        {
            return Command
                .Run("thin_ls", "-m", "--no-headers", "-o", "DEV", $"/dev/mapper/{metadata}")
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Count(line => int.Parse(line, CultureInfo.InvariantCulture) >= 0xFF0000);
        }
        finally
        {
            Command.Run("dmsetup", "message", pool, "0", "release_metadata_snap");
        }
    }
}
