using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Lvm;
using RsyncFs.Linux.State;
using RsyncFs.Snapshots;
using RsyncFs.Sources;

namespace RsyncFs.Cli.Engine.Doctor;

/// <summary>Snapshots of LVM that nobody needs any more (C18).</summary>
/// <param name="stateDirectory">Whose sources are asked what they need.</param>
/// <param name="isFixing">True to remove those that certainly are this state directory's and needed by none.</param>
internal sealed class SnapshotCheck(string stateDirectory, bool isFixing)
{
    /// <summary>Looks.</summary>
    /// <exception cref="RsyncFsException">LVM or the state directory can not be asked.</exception>
    public IEnumerable<Finding> Run()
    {
        var snapshots = LvmCheckup.Snapshots();
        var owned = new HashSet<string>(StringComparer.Ordinal);
        var findings = new List<Finding>();
        foreach (var source in Sources())
        {
            var owner = SourceEnd.OwnerOf(source);
            var own = snapshots.Where(snapshot => snapshot.IsOf(owner)).ToList();
            if (own.Count > 0)
            {
                owned.UnionWith(own.Select(snapshot => snapshot.Name));
                findings.AddRange(Look(source, owner));
            }
        }

        var foreign = snapshots.Where(snapshot => !owned.Contains(snapshot.Name)).Select(Foreign);
        return [.. findings, .. foreign, .. Unnoted()];
    }

    /// <summary>Those that may be believed: of another user's directory, a receiver's say, none.</summary>
    private IEnumerable<string> Sources() =>
        StateOwner.IsOwn(stateDirectory) ? StateLayout.Sources(stateDirectory) : [];

    /// <summary>A group run finds its own by its notes, and removes what it does not need; nobody else knows them.</summary>
    private IEnumerable<Finding> Unnoted()
    {
        var files = Sources().SelectMany(source => LinuxDurableDirectory.OpenRoot(source).List());
        return LvmCheckup
            .UnnotedPoolSnapshots(files)
            .Select(left => new Finding(
                FindingLevel.Note,
                "foreign-snapshot",
                left.Name,
                "a snapshot in a thin pool that LVM does not list, taken for a group by another or a lost state directory"
            )
            {
                Hint =
                    $"if nobody needs it: dmsetup table {left.Name} shows its pool; dmsetup remove {left.Name}; dmsetup message POOL 0 'delete {left.Number}'",
            });
    }

    private List<Finding> Look(string source, string owner)
    {
        try
        {
            if (isFixing)
            {
                // Under the lock no run takes one, and what the state says of them is what counts.
                using var held = StateLock.Take(source);
                return [.. Orphans(source, owner).Select(Remove)];
            }

            var orphans = Orphans(source, owner).Select(Describe).ToList();
            return StateLock.IsHeld(source) ? [] : orphans;
        }
        catch (RefusedException busy) when (busy.Id == ErrorId.Locked)
        {
            // The run that is at work removes what it does not need when it ends.
            return [];
        }
        catch (RsyncFsException failure)
        {
            return [Finding.OfFailure(source, failure)];
        }
    }

    private static List<TaggedSnapshot> Orphans(string source, string owner)
    {
        var kept = SourceState
            .Load(LinuxDurableDirectory.OpenRoot(source))
            .KeptSnapshots.Select(evidence => UsedSpaceSource.Unmark(evidence) ?? evidence)
            .ToList();
        // Which snapshots a group remembers only its own run can tell: it sweeps what it does not need.
        var hasGroup = kept.Exists(evidence =>
            evidence.Identity.StartsWith(ChangeEvidence.SetMark, StringComparison.Ordinal)
        );
        return
        [
            .. LvmCheckup
                .Snapshots()
                .Where(snapshot =>
                    snapshot.IsOf(owner)
                    && !kept.Contains(snapshot.Evidence)
                    && !(hasGroup && snapshot.IsOfGroup)
                ),
        ];
    }

    private static Finding Remove(TaggedSnapshot orphan) => Describe(orphan).After(orphan.Remove());

    private static Finding Describe(TaggedSnapshot orphan) =>
        new(
            FindingLevel.Warning,
            "orphan-snapshot",
            orphan.Name,
            $"a snapshot of ours that no source remembers, {orphan.Description}"
        )
        {
            IsFixable = true,
            Hint = "rsyncfs doctor --fix",
        };

    private static Finding Foreign(TaggedSnapshot snapshot) =>
        new(
            FindingLevel.Note,
            "foreign-snapshot",
            snapshot.Name,
            $"bears the tag of rsyncfs, and is of another machine, of another or a lost state directory, or not as it was made; {snapshot.Description}"
        )
        {
            Hint = $"if nobody needs it: lvremove {snapshot.Name}",
        };
}
