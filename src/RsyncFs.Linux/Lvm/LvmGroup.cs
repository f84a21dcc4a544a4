using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.Snapshots;
using RsyncFs.State;

namespace RsyncFs.Linux.Lvm;

/// <summary>
/// Logical volumes that belong together, classic and thin mixed: their snapshots are of one moment, so that whoever
/// wrote to one and then to another finds no second write without its first (C3).
/// </summary>
/// <remarks>
/// All are suspended, then each snapshot is taken, and LVM resumes a classic volume when it has its own. A thin volume
/// that is suspended must never be given to <c>lvcreate</c>. One alone is not suspended: it is taken first, while all
/// others are held. Several are suspended, and taken by a message to their pool (<see cref="PoolSnapshots"/>).
/// </remarks>
public sealed class LvmGroup : ISnapshotProvider
{
    private readonly IReadOnlyList<IVolumeSnapshots> _members;
    private readonly TimeProvider _clock;

    private LvmGroup(IReadOnlyList<IVolumeSnapshots> members, SetShape shape, TimeProvider clock)
    {
        _members = members;
        _clock = clock;
        Shape = shape;
        Name = DeviceSet.NameOf(members.Select(member => member.Name));
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public SetShape Shape { get; }

    /// <inheritdoc/>
    public bool KeepsBase { get; private init; } = true;

    /// <summary>Makes a group of <paramref name="volumes"/>.</summary>
    /// <param name="volumes">The volumes, in the order of the group.</param>
    /// <param name="state">Where it is noted what LVM does not know.</param>
    /// <param name="neededPaths">What must not lie on any of them: programs and state.</param>
    /// <param name="clock">Tells time.</param>
    /// <exception cref="DeviceException">While its writers are held this program could not go on.</exception>
    public static LvmGroup Of(
        IReadOnlyList<LvmSource> volumes,
        IDurableDirectory state,
        IEnumerable<string> neededPaths,
        TimeProvider clock
    )
    {
        RefuseNeeded(volumes, neededPaths);
        foreach (
            var inOneGroup in volumes
                .Where(volume => !volume.Volume.IsThin)
                .GroupBy(GroupOf, StringComparer.Ordinal)
        )
        {
            var count = inOneGroup.Count();
            foreach (var volume in inOneGroup)
            {
                volume.SnapshotsAtOnce = count;
            }
        }

        var hasSeveralThin = volumes.Count(volume => volume.Volume.IsThin) > 1;
        return new LvmGroup(
            [
                .. volumes.Select(volume =>
                    hasSeveralThin && volume.Volume.IsThin
                        ? new PoolSnapshots(volume, state, clock)
                        : (IVolumeSnapshots)volume
                ),
            ],
            new SetShape([.. volumes.Select(volume => volume.Shape.LengthBytes)]),
            clock
        )
        {
            KeepsBase = volumes.All(volume => volume.KeepsBase),
        };
    }

    /// <inheritdoc/>
    public ISnapshot Take()
    {
        try
        {
            return TakeNow();
        }
        catch (DeviceException failure) when (LvmTool.IsNoRoom(failure) && GiveUpKept())
        {
            return TakeNow();
        }
    }

    /// <summary>Those of one member alone are of no use: all are given up.</summary>
    private bool GiveUpKept()
    {
        var gaveUp = _members.Select(member => member.GiveUpKept()).ToList();
        return gaveUp.Contains(true);
    }

    private GroupSnapshot TakeNow()
    {
        var set = OwnSnapshots.NewName();
        var pending = new List<IPendingSnapshot>();
        try
        {
            for (var i = 0; i < _members.Count; i++)
            {
                pending.Add(_members[i].Prepare(MemberName(set, i)));
            }

            DateTimeOffset takenAt;
            using (VolumeLocks.Take(_members.Select(member => member.Volume.Uuid)))
            using (var hold = new WriterHold([.. _members.Where(IsHeld).Select(MappedUuid)]))
            {
                takenAt = _clock.GetUtcNow();
                // What is not held comes first: it may be written until then, and the others may not.
                foreach (var (member, snapshot) in _members.Zip(pending).OrderBy(pair => IsHeld(pair.First)))
                {
                    if (IsHeld(member))
                    {
                        hold.EnsureHeld(MappedUuid(member));
                    }

                    snapshot.Take();
                }

                hold.EnsureInTime();
            }

            return new GroupSnapshot([.. OpenAll(pending, snapshot => snapshot.Open(takenAt))]);
        }
        catch
        {
            pending.ForEach(Undo);
            throw;
        }
    }

    /// <inheritdoc/>
    public ISnapshot? Reopen(ChangeEvidence evidence)
    {
        if (FindSet(evidence) is not { } known)
        {
            return null;
        }

        var opened = OpenAll(_members.Zip(known), pair => pair.First.Reopen(pair.Second));
        if (opened.Count == _members.Count)
        {
            return new GroupSnapshot(opened);
        }

        opened.ForEach(snapshot => snapshot.Dispose());
        return null;
    }

    /// <inheritdoc/>
    public SnapshotChanges? FindChanges(ChangeEvidence @base, ISnapshot snapshot, out string obstacle)
    {
        if (snapshot is not GroupSnapshot to || FindSet(@base) is not { } from)
        {
            obstacle = _members.FirstOrDefault(member => member.HasRunFull) is { } full
                ? $"{full.Name}: the base snapshot ran full"
                : "the base snapshots of the group are not there any more";
            return null;
        }

        obstacle = "";
        var all = new List<SnapshotChanges>();
        for (var i = 0; i < _members.Count; i++)
        {
            if (_members[i].FindChanges(from[i], to.Members[i], out obstacle) is not { } changes)
            {
                obstacle = $"{_members[i].Name}: {obstacle}";
                return null;
            }

            all.Add(changes);
        }

        return new SnapshotChanges(
            [
                .. all.Zip(Shape.Members)
                    .SelectMany(pair =>
                        pair.First.Extents.Select(extent =>
                            extent with
                            {
                                OffsetBytes = pair.Second.OffsetBytes + extent.OffsetBytes,
                            }
                        )
                    ),
            ],
            string.Join(", ", all.Select(changes => changes.Source).Distinct(StringComparer.Ordinal)),
            all.Sum(changes => changes.MetadataBytesRead)
        )
        {
            BaseCopiedBytes = all.Sum(changes => changes.BaseCopiedBytes),
        };
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> RemoveAllBut(IReadOnlyCollection<ChangeEvidence> kept)
    {
        var sets = kept.Select(FindSet).OfType<IReadOnlyList<ChangeEvidence>>().ToList();
        return [.. _members.SelectMany((member, i) => member.RemoveAllBut([.. sets.Select(set => set[i])]))];
    }

    /// <summary>What can not be undone now is swept later; why there is no snapshot is what a person must hear.</summary>
    private static void Undo(IPendingSnapshot snapshot)
    {
        try
        {
            snapshot.Undo();
        }
        catch (RsyncFsException)
        {
            // It stays for the next sweep.
        }
    }

    private static string GroupOf(LvmSource volume) => volume.Volume.GroupUuid;

    private static string MemberName(string set, int member) => $"{set}-{member}";

    private static string MappedUuid(IVolumeSnapshots member) => member.Volume.MappedUuid("");

    private static bool IsHeld(IVolumeSnapshots member) => !member.Volume.IsThin || member is PoolSnapshots;

    /// <summary>The evidence of each member's snapshot of the set that <paramref name="evidence"/> is of; null if it is not whole.</summary>
    private List<ChangeEvidence>? FindSet(ChangeEvidence evidence)
    {
        var known = _members
            .Select(member =>
                member
                    .List()
                    .ToDictionary(entry => entry.Name, entry => entry.Evidence, StringComparer.Ordinal)
            )
            .ToList();
        var suffix = MemberName("", 0);
        return known[0]
            .Keys.Where(name => name.EndsWith(suffix, StringComparison.Ordinal))
            .Select(name => name[..^suffix.Length])
            .Select(set => known.Select((all, i) => all.GetValueOrDefault(MemberName(set, i))).ToList())
            .Where(set => set.TrueForAll(member => member is not null))
            .Select(set => set.OfType<ChangeEvidence>().ToList())
            .FirstOrDefault(set => GroupSnapshot.EvidenceOf(set) == evidence);
    }

    private static bool Carries(LvmSource volume, string path) =>
        volume.Volume.FindNode() is { } node && BlockSysfs.Carries(node, path);

    /// <summary>Opens all; less than all if one is not there any more.</summary>
    private static List<ISnapshot> OpenAll<T>(IEnumerable<T> all, Func<T, ISnapshot?> open)
    {
        var opened = new List<ISnapshot>();
        try
        {
            foreach (var one in all)
            {
                if (open(one) is not { } snapshot)
                {
                    break;
                }

                opened.Add(snapshot);
            }

            return opened;
        }
        catch
        {
            opened.ForEach(snapshot => snapshot.Dispose());
            throw;
        }
    }

    /// <summary>What lies on a volume that is suspended can not be read or written: not by LVM either.</summary>
    private static void RefuseNeeded(IReadOnlyList<LvmSource> volumes, IEnumerable<string> neededPaths)
    {
        foreach (var path in neededPaths.Where(Path.Exists))
        {
            if (volumes.FirstOrDefault(volume => Carries(volume, path)) is { } volume)
            {
                throw new DeviceException(
                    ErrorId.SnapshotCreate,
                    "a group can not have the volume that this program needs"
                )
                {
                    Where = volume.Name,
                    Cause = $"{path} lies on it, and while its writers are held nothing there can be read",
                    Hint = "replicate that volume by itself; --state DIR puts the state elsewhere",
                };
            }
        }
    }
}
