using System.Diagnostics;
using System.Globalization;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.Snapshots;

namespace RsyncFs.Linux.Lvm;

/// <summary>A logical volume as a source: its snapshots, thin or classic, and what LVM says of the difference between two.</summary>
public sealed partial class LvmSource : ISnapshotProvider, IVolumeSnapshots
{
    private readonly LogicalVolume _volume;
    private readonly TimeProvider _clock;
    private readonly string _ownTag;
    private readonly SnapshotNotices _notices;
    private CowSpace _space;

    private const double FillToGrowPercent = 50;

    private readonly HashSet<ChangeEvidence> _ranFull = [];

    // A command of LVM takes long: what it said is handed on to what follows at once. The one of the open goes to the
    // first sweep; the one that shows the snapshot that was just taken, to those who then ask for the base.
    private VolumeListing? _opened;
    private VolumeListing? _listing;

    private LvmSource(
        string path,
        LogicalVolume volume,
        VolumeListing listing,
        long lengthBytes,
        TimeProvider clock,
        CowSpace space,
        string ownTag,
        SnapshotNotices notices
    )
    {
        Name = path;
        Shape = new SetShape(lengthBytes);
        _volume = volume;
        _opened = listing;
        _clock = clock;
        _space = space;
        _ownTag = ownTag;
        _notices = notices;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public SetShape Shape { get; }

    /// <summary>How many classic snapshots are taken of its volume group at once, and share what is free in it.</summary>
    internal int SnapshotsAtOnce { get; set; } = 1;

    private long LengthBytes => Shape.LengthBytes;

    /// <inheritdoc/>
    public bool KeepsBase { get; private init; } = true;

    /// <summary>
    /// The logical volume at <paramref name="path"/>; null if there is none, or one that is a snapshot itself and needs none.
    /// </summary>
    /// <param name="path">A device.</param>
    /// <param name="clock">Tells time.</param>
    /// <param name="space">The copy-on-write space of a classic snapshot.</param>
    /// <param name="owner">Whose snapshots are its own: this machine, and the state that remembers them (C18).</param>
    /// <param name="keepsBase">False if no snapshot is to be kept between cycles: one that was kept is removed.</param>
    /// <param name="notices">Who is told what a person should hear of them.</param>
    /// <exception cref="DeviceException">There is one, and LVM can not be asked, or it is suspended.</exception>
    public static LvmSource? TryOpen(
        string path,
        TimeProvider clock,
        CowSpace space,
        string owner,
        bool keepsBase,
        SnapshotNotices notices
    )
    {
        if (
            !DeviceIdentity.StableIdOf(path).StartsWith("dm/uuid:", StringComparison.Ordinal)
            || LogicalVolume.UuidOf(DeviceIdentity.StableIdOf(path)["dm/uuid:".Length..]) is not { } uuid
        )
        {
            return null;
        }

        var listing = VolumeListing.Of(uuid, poolUuid: "");
        var volume =
            listing.Volume
            ?? throw new DeviceException(ErrorId.SnapshotCreate, "LVM does not know the volume")
            {
                Where = path,
                Cause = $"its uuid is {uuid}, and lvs lists none of that",
                Hint = "is it filtered out (lvm.conf, devices file)? '--snapshot none' takes no snapshot",
            };
        if (volume.IsSnapshot && !volume.IsThin)
        {
            return null;
        }

        EnsureResumed(volume);
        using var device = LinuxBlockDevice.OpenSource(path);
        return new LvmSource(
            path,
            volume,
            listing,
            device.LengthBytes,
            clock,
            space,
            OwnSnapshots.TagOf(owner),
            notices
        )
        {
            KeepsBase = keepsBase,
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

    private ISnapshot TakeNow()
    {
        Pending? pending = null;
        try
        {
            DateTimeOffset takenAt;
            using (VolumeLocks.Take([_volume.Uuid]))
            {
                pending = Prepare(OwnSnapshots.NewName());
                takenAt = _clock.GetUtcNow();
                pending.Take();
            }

            return pending.Open(takenAt);
        }
        catch
        {
            pending?.Undo();
            throw;
        }
    }

    /// <summary>Sees that a snapshot can be taken: that there is room, and nobody holds the writers.</summary>
    /// <returns>What LVM says of the volume now.</returns>
    /// <exception cref="DeviceException">None can be taken. Nothing was changed.</exception>
    internal VolumeListing EnsureReady()
    {
        var now = List();
        if (_volume.IsThin)
        {
            PoolOf(now).EnsureRoom();
        }

        EnsureResumed(_volume);
        return now;
    }

    /// <summary>The thin pool of the volume.</summary>
    /// <exception cref="DeviceException">It can not be found.</exception>
    internal ThinPool Pool() => PoolOf(Listing());

    /// <summary>What is not installed and would say what changed, with its package; null if nothing is missed.</summary>
    public string? MissingTool =>
        _volume.IsThin && KeepsBase && !LvmTool.IsInstalled(ThinPool.DeltaTool)
            ? $"{ThinPool.DeltaTool} (package {LvmTool.PackageOf(ThinPool.DeltaTool)})"
            : null;

    /// <summary>The volume, as LVM knew it when it was opened.</summary>
    internal LogicalVolume Volume => _volume;

    LogicalVolume IVolumeSnapshots.Volume => _volume;

    IPendingSnapshot IVolumeSnapshots.Prepare(string name) => Prepare(name);

    private Pending Prepare(string name)
    {
        var now = EnsureReady();
        string[] common =
        [
            "-q",
            "-y",
            "-s",
            "-pr",
            "-n",
            name,
            "--addtag",
            OwnSnapshots.Tag,
            "--addtag",
            _ownTag,
        ];
        if (_volume.IsThin)
        {
            // Active now, and never again by itself.
            return new Pending(this, name, [.. common, "-ky", "-K", "-ay", _volume.FullName]);
        }

        var group = now.Volume ?? _volume;
        var bytes = _space.Of(LengthBytes, group.GroupFreeBytes / SnapshotsAtOnce, group.GroupExtentBytes);
        var size = string.Create(CultureInfo.InvariantCulture, $"{bytes}b");
        return new Pending(this, name, [.. common, "-L", size, _volume.FullName]);
    }

    IReadOnlyList<(string Name, ChangeEvidence Evidence)> IVolumeSnapshots.List() =>
        [
            .. Ours(Listing())
                .Where(snapshot => !snapshot.IsOverflown)
                .Select(snapshot => (snapshot.Name, LvmSnapshot.EvidenceOf(snapshot))),
        ];

    /// <inheritdoc/>
    public ISnapshot? Reopen(ChangeEvidence evidence)
    {
        var snapshot = Find(evidence);
        if (snapshot?.FindNode() is null)
        {
            // It was removed since it was listed, or is not active.
            _listing = List();
            snapshot = Find(evidence);
            if (snapshot is { IsActive: false, IsOverflown: false })
            {
                LvmTool.Run(ErrorId.SnapshotCreate, "lvchange", "-q", "-ay", "-K", snapshot.FullName);
            }
        }

        return snapshot is { IsOverflown: false } ? Open(snapshot, _clock.GetUtcNow()) : null;
    }

    /// <inheritdoc/>
    public SnapshotChanges? FindChanges(ChangeEvidence @base, ISnapshot snapshot, out string obstacle)
    {
        if (Find(@base) is null)
        {
            // Another cycle may have made it since this one listed them.
            _listing = List();
        }

        if (snapshot is not LvmSnapshot { Volume: var to } || Find(@base) is not { } from)
        {
            obstacle = _ranFull.Contains(@base)
                ? "the base snapshot ran full"
                : "the base snapshot is not there any more";
            return null;
        }

        if (_volume.IsThin)
        {
            return PoolOf(Listing()).FindChanges(from.ThinId, to.ThinId, LengthBytes, out obstacle);
        }

        return FindWritten(from, to, out obstacle);
    }

    /// <inheritdoc/>
    /// <remarks>One that ran full is of no use to anybody, and takes the space that the next one needs.</remarks>
    public IReadOnlyList<string> RemoveAllBut(IReadOnlyCollection<ChangeEvidence> kept)
    {
        var ours = Ours(_opened ?? List());
        (_opened, _listing) = (null, null);
        NoteUse(ours);
        _ranFull.UnionWith(ours.Where(snapshot => snapshot.IsOverflown).Select(LvmSnapshot.EvidenceOf));
        return
        [
            .. ours.Where(snapshot =>
                    snapshot.IsOverflown || !kept.Contains(LvmSnapshot.EvidenceOf(snapshot))
                )
                .Select(OwnSnapshots.Remove)
                .OfType<string>(),
        ];
    }

    /// <inheritdoc/>
    public bool GiveUpKept()
    {
        var kept = _volume.IsThin ? [] : Ours(List());
        _listing = null;
        if (kept.Count == 0 || kept.Select(OwnSnapshots.Remove).OfType<string>().Any())
        {
            return false;
        }

        _notices.GaveUpKept();
        return true;
    }

    /// <summary>A snapshot of a volume whose writers are held is what LVM can not do, and what it does then is hard to mend.</summary>
    private static void EnsureResumed(LogicalVolume volume)
    {
        // A group that is being snapshotted holds its volumes for so long.
        var begun = Stopwatch.GetTimestamp();
        while (LogicalVolume.IsHeld(volume.GroupUuid, volume.Uuid))
        {
            if (Stopwatch.GetElapsedTime(begun) > WriterHold.Limit)
            {
                throw new DeviceException(ErrorId.SnapshotCreate, "the source is suspended")
                {
                    Where = volume.FullName,
                    Cause = "its writers are held; no snapshot of it can be taken",
                    Hint = $"if nobody is at work on it: dmsetup resume {volume.FindNode()}",
                };
            }

            Thread.Sleep(200);
        }
    }

    /// <summary>Of what was more than half full, or ran full, the next one gets twice of what was filled (C20).</summary>
    private void NoteUse(IReadOnlyList<LogicalVolume> snapshots)
    {
        var needed = snapshots
            .Where(snapshot => !snapshot.IsThin)
            .Select(snapshot =>
                snapshot.IsOverflown || snapshot.FillPercent > FillToGrowPercent
                    ? (long)(2 * snapshot.SizeBytes * (snapshot.IsOverflown ? 1 : snapshot.FillPercent / 100))
                    : 0
            )
            .DefaultIfEmpty()
            .Max();
        if (needed > _space.NeededBytes)
        {
            _space = _space with { NeededBytes = needed };
            _notices.GrewFull(needed);
        }
    }

    /// <summary>Without it nothing can be told of the room in it.</summary>
    private ThinPool PoolOf(VolumeListing listing) =>
        listing.Pool
        ?? throw new DeviceException(ErrorId.SnapshotCreate, "the thin pool of the source is not found")
        {
            Where = _volume.FullName,
        };

    private LvmSnapshot Open(LogicalVolume snapshot, DateTimeOffset takenAt) =>
        new(snapshot, Name, takenAt)
        {
            Watch = snapshot.IsThin ? null : new FillWatch(snapshot, _clock, _notices.FillsUp),
        };

    private VolumeListing Listing() => _listing ??= List();

    private VolumeListing List() => VolumeListing.Of(_volume.Uuid, _volume.PoolUuid);

    private IReadOnlyList<LogicalVolume> Ours(VolumeListing listing) =>
        [.. listing.Snapshots.Where(volume => OwnSnapshots.IsOf(_ownTag, volume))];

    private LogicalVolume? Find(ChangeEvidence evidence) =>
        Ours(Listing()).FirstOrDefault(snapshot => LvmSnapshot.EvidenceOf(snapshot) == evidence);
}
