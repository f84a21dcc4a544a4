using System.Diagnostics;
using System.Globalization;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;

namespace RsyncFs.Linux.Lvm;

/// <summary>
/// Holds the writers of several volumes, so that snapshots of them are of one moment. Whatever becomes of this process,
/// they are let go: by itself, or by a watchdog, which waits for the end of a pipe that this process has open, or for a
/// time, and then resumes the volumes. A suspend that this process had begun goes on without it, flushes for as long as
/// it takes, and can not be undone before it is done: so the watchdog waits for its end, and resumes once more. To
/// resume what is not suspended does nothing.
/// </summary>
/// <remarks>
/// The watchdog needs nothing from a disk: its programs run already, or were run a moment ago. As long as it lives it
/// has a lock, so that it can not let go what a later run holds. Another lock is shared by each suspend that is under
/// way: the kernel gives it back when the last of them has ended, however it ends.
/// </remarks>
internal sealed class WriterHold : IDisposable
{
    /// <summary>Longer than this nobody is kept from writing.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    // timeout(1) ends with the pipe, or with the time. What is to end the whole group of processes lets the writers go
    // first. One volume that can not be resumed, or takes its time, keeps no other.
    private const string Script = """
        limit=$1 timeout=$2 cat=$3 dmsetup=$4 flock=$5 suspends=$6; shift 6
        resume() { for uuid; do "$dmsetup" resume --noudevsync -u "$uuid" 2>/dev/null & done; wait; }
        trap : TERM INT HUP QUIT
        echo ready
        read -r begun
        "$timeout" "$limit" "$cat" >/dev/null
        resume "$@"
        "$flock" --exclusive "$suspends" "$cat" </dev/null
        resume "$@"
        """;

    private readonly IReadOnlyList<string> _mappedUuids;
    private readonly long _begunAt;
    private readonly Process _watchdog;
    private bool _isSuspending;

    /// <summary>Flushes the file systems on the volumes, and holds whoever writes to them.</summary>
    /// <param name="mappedUuids">The mapped devices of the volumes, by their uuids.</param>
    /// <exception cref="DeviceException">One could not be suspended. All are let go.</exception>
    public WriterHold(IReadOnlyList<string> mappedUuids)
    {
        // What a suspended volume holds can not be read meanwhile: the program must be in memory before.
        LvmTool.Run(ErrorId.SnapshotCreate, "dmsetup", "version");
        foreach (var node in mappedUuids.Select(BlockSysfs.NodeOfMapped).OfType<string>())
        {
            // A suspend flushes, too: what is flushed before keeps nobody waiting.
            LvmTool.Run(ErrorId.SnapshotCreate, "blockdev", "--flushbufs", node);
        }

        _mappedUuids = mappedUuids;
        _watchdog = StartWatchdog(mappedUuids);
        // Its time begins later than ours: as long as ours is not up, it has let nobody go.
        _begunAt = Stopwatch.GetTimestamp();
        try
        {
            _watchdog.StandardInput.WriteLine("begun");
            _watchdog.StandardInput.Flush();
            foreach (var uuid in mappedUuids)
            {
                EnsureInTime();
                Suspend(uuid);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Makes sure that a volume was held all the time until now.</summary>
    /// <exception cref="DeviceException">Somebody let its writers go, or it took too long.</exception>
    public void EnsureHeld(string mappedUuid)
    {
        EnsureInTime();
        if (!BlockSysfs.IsSuspendedMapped(mappedUuid))
        {
            throw new DeviceException(
                ErrorId.SnapshotCreate,
                "somebody let the writers of the group go before its snapshots were taken"
            )
            {
                Where = mappedUuid,
                Hint = "run it again; nothing was sent",
            };
        }
    }

    /// <summary>Makes sure that the watchdog has let nobody go.</summary>
    /// <exception cref="DeviceException">It took too long, and they may write again.</exception>
    public void EnsureInTime()
    {
        var taken = Stopwatch.GetElapsedTime(_begunAt);
        if (taken >= Limit || _watchdog.HasExited)
        {
            throw new DeviceException(
                ErrorId.SnapshotCreate,
                "the snapshots of the group were not taken in time"
            )
            {
                Cause = string.Create(
                    CultureInfo.InvariantCulture,
                    $"it took {taken.TotalSeconds:F1} s; writers are held for {Limit.TotalSeconds:F0} s at most"
                ),
                Hint = "run it again when the machine has less to do; nothing was sent",
            };
        }
    }

    /// <summary>Lets the writers go. The watchdog stays only if that can not be done here, or not yet.</summary>
    public void Dispose()
    {
        if (ResumeAll() && !_isSuspending)
        {
            _watchdog.Kill(entireProcessTree: true);
            _watchdog.WaitForExit(Limit);
        }

        try
        {
            _watchdog.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone.
        }

        _watchdog.Dispose();
    }

    private void Suspend(string uuid)
    {
        string[] suspend = [LvmTool.PathOf(ErrorId.SnapshotCreate, "dmsetup"), "suspend", "-u", uuid];
        // Still so if it does not end in time.
        _isSuspending = true;
        var (exitCode, _, error) = LvmTool.Start(
            ErrorId.SnapshotCreate,
            "flock",
            ["--shared", SuspendsPath, .. suspend]
        );
        _isSuspending = false;
        if (exitCode != 0)
        {
            throw new DeviceException(ErrorId.SnapshotCreate, "the writers of a volume could not be held")
            {
                Where = string.Join(' ', suspend),
                Cause = error.Trim(),
                Hint = "is it frozen (fsfreeze)? nothing was sent",
            };
        }
    }

    private static string SuspendsPath => Path.Combine(MachineLock.DirectoryOf("hold"), "suspends");

    private bool ResumeAll()
    {
        var isDone = true;
        foreach (var uuid in _mappedUuids)
        {
            try
            {
                var (exitCode, _, _) = LvmTool.Start(ErrorId.SnapshotCreate, "dmsetup", "resume", "-u", uuid);
                isDone &= exitCode == 0;
            }
            catch (DeviceException)
            {
                isDone = false;
            }
        }

        return isDone;
    }

    private static Process StartWatchdog(IReadOnlyList<string> mappedUuids)
    {
        // A session of its own: what a terminal sends to this process must not reach it.
        var start = new ProcessStartInfo(
            LvmTool.PathOf(ErrorId.SnapshotCreate, "setsid"),
            [
                LvmTool.PathOf(ErrorId.SnapshotCreate, "flock"),
                "--wait",
                "30",
                Path.Combine(MachineLock.DirectoryOf("hold"), "watchdog"),
                "/bin/sh",
                "-c",
                Script,
                "rsyncfs-watchdog",
                Limit.TotalSeconds.ToString("F0", CultureInfo.InvariantCulture),
                LvmTool.PathOf(ErrorId.SnapshotCreate, "timeout"),
                LvmTool.PathOf(ErrorId.SnapshotCreate, "cat"),
                LvmTool.PathOf(ErrorId.SnapshotCreate, "dmsetup"),
                LvmTool.PathOf(ErrorId.SnapshotCreate, "flock"),
                SuspendsPath,
                .. mappedUuids,
            ]
        )
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        start.Environment["LC_ALL"] = "C";
        var watchdog = Process.Start(start)!;
        if (watchdog.StandardOutput.ReadLine() is "ready")
        {
            return watchdog;
        }

        watchdog.Dispose();
        throw new DeviceException(ErrorId.SnapshotCreate, "the watchdog of the group did not start")
        {
            Cause = "or that of another run has not ended in 30 seconds",
            Hint = "it needs /bin/sh, setsid, flock, timeout and dmsetup; nothing was suspended",
        };
    }
}
