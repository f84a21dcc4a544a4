using System.Globalization;
using RsyncFs.Blocks;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Commands;
using RsyncFs.Cli.Commands.Targets;
using RsyncFs.Cli.Engine.Targets;
using RsyncFs.Cli.Output;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.FileSystems;
using RsyncFs.Linux.Devices;
using RsyncFs.Linux.Lvm;
using RsyncFs.Linux.State;
using RsyncFs.Snapshots;
using RsyncFs.Sources;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine;

/// <summary>A source, open, with what this sender remembers of it, locked against another run.</summary>
internal sealed class SourceEnd : ISourceEnd
{
    private readonly SourceHold.Part _part;
    private readonly Action<string> _warn;

    private SourceEnd(
        IBlockDevice device,
        ISnapshotProvider snapshots,
        SourceHold.Part part,
        Action<string> warn
    )
    {
        Device = device;
        Snapshots = snapshots;
        _part = part;
        _warn = warn;
        Sweep();
    }

    /// <inheritdoc/>
    public IBlockDevice Device { get; }

    /// <inheritdoc/>
    public ISnapshotProvider Snapshots { get; }

    /// <inheritdoc/>
    public SourceState State => _part.State;

    /// <summary>
    /// Locks, checks and opens the source at <paramref name="path"/>. What a person should look at goes to
    /// <paramref name="warn"/>. Runs that share <paramref name="hold"/> may be at work on it at the same time; what
    /// <paramref name="around"/> does about a snapshot is done by one of them at a time.
    /// </summary>
    /// <exception cref="DeviceException">It is not there, can not be read, or is in use without leave. Nothing was changed.</exception>
    /// <exception cref="RefusedException">Another run is at work on it, or it became a target.</exception>
    /// <exception cref="StateException">The state can not be read.</exception>
    public static SourceEnd Open(
        string path,
        string stateDirectory,
        SnapshotSettings snapshot,
        TimeProvider clock,
        Action<string> warn,
        SourceHold hold,
        Func<ISnapshotProvider, ISnapshotProvider> around,
        CancellationToken cancellationToken
    )
    {
        using var alone = hold.Opening.EnterScope();
        if (LockedSource.Look(stateDirectory, path) is { } known)
        {
            // Before the rest: a target is in use because it is one.
            RefuseRetired(path, known, stateDirectory);
        }

        RefuseMixed(path, stateDirectory);
        var directory = LinuxDurableDirectory.OpenRoot(StateLayout.OfSource(stateDirectory, path));
        var part = hold.Enter(directory);
        try
        {
            var state = part.State;
            RefuseRetired(path, state, stateDirectory);
            NoteDevice(path, directory, warn);
            var device = OpenNotEmpty(path);
            try
            {
                var still = Freeze(device, directory, snapshot, clock, state, warn);
                var read = snapshot.UsedOnly
                    ? new UsedSpaceSource(
                        still,
                        view => FreeSpace.Find(view, TypeSeenOf(path), cancellationToken),
                        warn
                    )
                    : still;
                var held = new HeldSource(around(read), part.Snapshots, cancellationToken);
                return new SourceEnd(device, held, part, warn);
            }
            catch
            {
                device.Dispose();
                throw;
            }
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Whose snapshots the source's are. Volumes may be shared by machines, and a machine may have several states: each
    /// sweeps what is its own.
    /// </summary>
    /// <param name="stateOfSource">The directory of the source's state.</param>
    public static string OwnerOf(string stateOfSource) => $"{MachineId.Read()} {stateOfSource}";

    /// <summary>A new volume of an old name is copied as the old one was, and somebody should know.</summary>
    private static void NoteDevice(string path, LinuxDurableDirectory directory, Action<string> warn)
    {
        const string OfVolume = "dm/uuid:";
        var now = new KnownDevice(Path.GetFullPath(path), DeviceIdentity.StableIdOf(path));
        var before = KnownDevice.Load(directory, KnownDevice.NotedBySync);
        if (
            before is not null
            && before.StableId.StartsWith(OfVolume, StringComparison.Ordinal)
            && !string.Equals(before.StableId, now.StableId, StringComparison.Ordinal)
        )
        {
            warn(
                $"{path} is another volume than in the run before: the target becomes a copy of this one. It was {before.StableId[OfVolume.Length..]}"
            );
        }

        now.Save(directory, KnownDevice.NotedBySync);
    }

    /// <summary>A logical volume is read from a snapshot; anything else as it stands, which it must.</summary>
    private static ISnapshotProvider Freeze(
        IBlockDevice device,
        LinuxDurableDirectory directory,
        SnapshotSettings snapshot,
        TimeProvider clock,
        SourceState state,
        Action<string> warn
    )
    {
        if (snapshot.Mode == SnapshotMode.Auto)
        {
            var paths = DevicePaths.Split(device.Name);
            var volumes = paths
                .Select(path => OpenVolume(path, snapshot, clock, state, warn))
                .OfType<LvmSource>()
                .ToList();
            if (volumes.Count == paths.Count)
            {
                return volumes is [var single]
                    ? single
                    : LvmGroup.Of(volumes, directory, NeededPaths(directory.Name), clock);
            }

            RefuseHalf(device.Name, volumes);
        }

        var isInUse = DeviceOpener.IsInUse(device.Name, out var by);
        return !isInUse || snapshot.Mode == SnapshotMode.None
            ? new StandingSource(device, clock, isInUse)
            : throw new DeviceException(
                ErrorId.SourceInUse,
                "the source is in use, and no snapshot of it was given"
            )
            {
                Where = device.Name,
                Cause = by,
                Hint =
                    "unmount it, or give a snapshot of it; --snapshot none copies it while it changes, and says so",
            };
    }

    /// <summary>What blkid calls the filesystem of each device of the source; null where it sees none, or can not be asked.</summary>
    private static Func<int, string?> TypeSeenOf(string path)
    {
        var paths = DevicePaths.Split(path);
        return member =>
        {
            try
            {
                return KnownSignature.Probe(paths[member])?.Type;
            }
            catch (RsyncFsException)
            {
                return null;
            }
        };
    }

    private static LvmSource? OpenVolume(
        string path,
        SnapshotSettings snapshot,
        TimeProvider clock,
        SourceState state,
        Action<string> warn
    )
    {
        var volume = LvmSource.TryOpen(
            path,
            clock,
            snapshot.CowSpace with
            {
                NeededBytes = state.SnapshotBytes,
            },
            OwnerOf(state.Place),
            snapshot.KeepsBase,
            NoticesOf(path, state, warn)
        );
        if (volume?.MissingTool is { } tool)
        {
            warn($"{path} is read whole in every run: {tool} is not installed");
        }

        return volume;
    }

    private static SnapshotNotices NoticesOf(string path, SourceState state, Action<string> warn) =>
        new(
            needed =>
            {
                warn(
                    $"a snapshot of {path} was more than half full, or ran full; the next one gets {needed} bytes if they are free"
                );
                state.RememberSnapshotBytes(Math.Max(needed, state.SnapshotBytes));
            },
            () =>
                warn(
                    $"the volume group has no room for two snapshots of {path}: the base was given up, and this run reads everything. Free some (vgs), give less (--cow-size), or keep no base (--no-base)"
                ),
            (snapshot, percent) =>
                warn(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"a snapshot of {path} is {percent:F0} % full and still needed; more room for it: lvextend -L +1g {snapshot}"
                    )
                )
        );

    /// <summary>Of one part a snapshot and of the other none would be of no one moment.</summary>
    private static void RefuseHalf(string group, List<LvmSource> volumes)
    {
        if (volumes is [var first, ..])
        {
            throw new DeviceException(ErrorId.SnapshotCreate, "only a part of the group can be snapshotted")
            {
                Where = group,
                Cause = $"{first.Name} is a logical volume, and not all are",
                Hint = "name logical volumes only; or nothing that is in use, with --snapshot none",
            };
        }
    }

    /// <summary>What this program, and the programs of LVM, read and write while they take snapshots.</summary>
    private static string[] NeededPaths(string stateOfSource) =>
        ["/", "/etc", "/run", "/tmp", "/usr", "/var", AppContext.BaseDirectory, stateOfSource];

    /// <summary>What was taken in as a target is another primary's copy: sending from it would bring the past back.</summary>
    private static void RefuseRetired(string path, SourceState state, string stateDirectory)
    {
        if (state.IsRetired)
        {
            throw new RefusedException(
                ErrorId.SourceRetired,
                "the source became a target: it is not the primary"
            )
            {
                Where = path,
                Cause = "it was adopted or demoted here, to be a copy of the new primary",
                Hint = HintOf(path, stateDirectory),
            };
        }
    }

    /// <summary>What a receiver of this machine has written half is no generation of anything.</summary>
    private static void RefuseMixed(string path, string stateDirectory)
    {
        if (TargetAt(path, stateDirectory) is { Record: { } record } target && record.Status.MayBeMixed())
        {
            throw new RefusedException(ErrorId.TargetState, "the source is a target here, and not whole")
            {
                Where = path,
                Cause = $"target {target.Place.Name} is {TargetStatusText.Word(record.Status)}",
                Hint = $"let its own sender finish; 'rsyncfs target show {target.Place.Name}' tells more",
            };
        }
    }

    private static TargetView? TargetAt(string path, string stateDirectory) =>
        TargetPlace
            .All(stateDirectory)
            .Select(TargetView.Read)
            .FirstOrDefault(view => view.DevicePath is { } device && DeviceOpener.AreSame(device, path));

    private static string HintOf(string path, string stateDirectory)
    {
        var name = TargetAt(path, stateDirectory)?.Place.Name ?? "NAME";
        var state = StateOption.IsDefault(stateDirectory) ? null : stateDirectory;
        return new GivenOptions(state, SocketPath: null).Complete(
            $"to make it the primary again: rsyncfs target promote {name}, then rsyncfs target reverse {name}"
        );
    }

    private static IBlockDevice OpenNotEmpty(string path)
    {
        var device = DeviceOpener.OpenSource(path);
        if (device.LengthBytes > 0)
        {
            return device;
        }

        device.Dispose();
        throw new DeviceException(ErrorId.SourceMissing, "the source has no bytes")
        {
            Where = path,
            Hint = "is the device attached? a copy of nothing would pass for a copy",
        };
    }

    /// <summary>Of all snapshots that were taken, now or by a run that was killed, those stay that the state remembers.</summary>
    private void Sweep()
    {
        foreach (var left in Snapshots.RemoveAllBut(State.KeptSnapshots))
        {
            _warn($"a snapshot that is not needed could not be removed, the next run tries again: {left}");
        }
    }

    /// <inheritdoc/>
    /// <remarks>What can not be removed now is no reason to call a run failed that was not, or to hide why it was.</remarks>
    public void Dispose()
    {
        try
        {
            Sweep();
        }
        catch (RsyncFsException failure)
        {
            _warn(
                $"snapshots that are not needed were not removed, the next run tries again: {failure.Message}"
            );
        }
        finally
        {
            Device.Dispose();
            _part.Dispose();
        }
    }
}
