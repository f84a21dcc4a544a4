using System.Globalization;
using System.Security.Cryptography;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.Snapshots;
using RsyncFs.State;

namespace RsyncFs.Linux.Lvm;

/// <summary>
/// Snapshots of a thin volume that are taken by a message to its pool, because its writers are held and LVM can not
/// take one then. LVM does not know them, and does not mind: they have numbers that it does not use.
/// </summary>
/// <remarks>
/// What LVM does not list must be noted: an empty file in the state of the source for each, <c>thin_POOL_ORIGIN_NUMBER_NAME</c>.
/// Before it is taken it ends with <c>.new</c>: one that is left so may be somebody else's of the same number, and is
/// never removed. A snapshot is believed as long as its mapped device is there: nobody can remove what is open to the
/// kernel. After a restart of the machine it is not believed, and removed.
/// </remarks>
/// <param name="source">The volume.</param>
/// <param name="state">Where the state of the source is.</param>
/// <param name="clock">Tells time.</param>
internal sealed class PoolSnapshots(LvmSource source, IDurableDirectory state, TimeProvider clock)
    : IVolumeSnapshots
{
    private readonly LvmSource _source = source;
    private readonly IDurableDirectory _state = state;

    // LVM numbers its volumes from 1 on; the pool takes 24 bits.
    private const int FirstNumber = 0xFF0000;
    private const int EndNumber = 0x1000000;
    private const string Begin = "thin_";
    private const string Unsure = ".new";
    private const string UuidBegin = "RSYNCFS-";

    /// <summary>Name and number in their pool of those that are mapped and that none of these files notes: the state of their source is elsewhere, or lost.</summary>
    public static IEnumerable<(string Name, string Number)> Unnoted(IEnumerable<string> files)
    {
        var noted = files
            .Where(file => file.StartsWith(Begin, StringComparison.Ordinal))
            .Select(file => file.Replace(Unsure, "", StringComparison.Ordinal).Split('_')[^1])
            .ToHashSet(StringComparer.Ordinal);
        return BlockSysfs
            .MappedOf(UuidBegin)
            .Where(mapped => !noted.Contains(mapped.Name))
            .Select(mapped => (mapped.Name, mapped.Uuid[..^(mapped.Name.Length + 1)].Split('-')[^1]));
    }

    /// <inheritdoc/>
    public string Name => _source.Name;

    /// <inheritdoc/>
    public LogicalVolume Volume => _source.Volume;

    private string NotePrefix => $"{Begin}{Volume.PoolUuid}_{Volume.ThinId}_";

    /// <inheritdoc/>
    public IPendingSnapshot Prepare(string name)
    {
        _source.EnsureReady();
        var pool = _source.Pool();
        var note = new Note(RandomNumberGenerator.GetInt32(FirstNumber, EndNumber), name);
        _state.Create(FileOf(note) + Unsure).Dispose();
        _state.Flush();
        return new Pending(this, pool, note);
    }

    /// <inheritdoc/>
    public bool HasRunFull => false;

    /// <inheritdoc/>
    public bool GiveUpKept() => false;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, ChangeEvidence Evidence)> List() =>
        [
            .. Notes()
                .Where(note => BlockSysfs.NodeOfMapped(MappedUuidOf(note)) is not null)
                .Select(note => (note.Name, EvidenceOf(note))),
        ];

    /// <inheritdoc/>
    public ISnapshot? Reopen(ChangeEvidence evidence) =>
        Find(evidence) is { } note ? Open(note, clock.GetUtcNow()) : null;

    /// <inheritdoc/>
    public SnapshotChanges? FindChanges(ChangeEvidence @base, ISnapshot snapshot, out string obstacle)
    {
        if (Find(@base) is not { } from || Find(snapshot.Evidence) is not { } to)
        {
            obstacle = "the base snapshot is not there any more";
            return null;
        }

        return _source
            .Pool()
            .FindChanges(Text(from.Number), Text(to.Number), _source.Shape.LengthBytes, out obstacle);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> RemoveAllBut(IReadOnlyCollection<ChangeEvidence> kept)
    {
        var left = new List<string>();
        foreach (var note in Notes().Where(note => !(IsThere(note) && kept.Contains(EvidenceOf(note)))))
        {
            if (Remove(_source.Pool(), note) is { } obstacle)
            {
                left.Add($"{note.Name}: {obstacle}");
            }
        }

        foreach (var note in Notes(isSure: false).ToList())
        {
            if (IsInPool(note) ?? true)
            {
                left.Add(
                    $"{Volume.FullName}: a run that was killed may have taken number {note.Number} of its pool, or it is somebody else's. If it is nobody's: {_source.Pool().DeleteCommand(note.Number)}; then remove {FileOf(note)}{Unsure} in {_state.Name}"
                );
            }
            else
            {
                _state.Delete(FileOf(note) + Unsure);
            }
        }

        return left;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private bool IsOurs(string file) => file.StartsWith(NotePrefix, StringComparison.Ordinal);

    private IEnumerable<Note> Notes(bool isSure = true) =>
        _state
            .List()
            .Where(file => IsOurs(file) && file.EndsWith(Unsure, StringComparison.Ordinal) != isSure)
            .Select(file => file[NotePrefix.Length..^(isSure ? 0 : Unsure.Length)].Split('_', 2))
            .Where(parts => parts.Length == 2 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out _))
            .Select(parts => new Note(int.Parse(parts[0], CultureInfo.InvariantCulture), parts[1]));

    private string FileOf(Note note) => $"{NotePrefix}{Text(note.Number)}_{note.Name}";

    private string MappedUuidOf(Note note) => $"{UuidBegin}{Volume.PoolUuid}-{Text(note.Number)}-{note.Name}";

    private ChangeEvidence EvidenceOf(Note note) =>
        new($"thin snapshot {MappedUuidOf(note)}", SectorsWritten: -1, Stamp: "");

    /// <summary>True if the pool has a volume of that number: only then it can be mapped. Null if that can not be told now.</summary>
    private bool? IsInPool(Note note)
    {
        var uuid = $"{MappedUuidOf(note)}-probe";
        if (BlockSysfs.NodeOfMapped(uuid) is null && !Map(note, $"{note.Name}-probe", uuid, out var error))
        {
            return ThinPool.SaysThereIsNone(error) ? false : null;
        }

        LvmTool.Run(ErrorId.SnapshotCreate, "dmsetup", "remove", "--retry", "-u", uuid);
        return true;
    }

    private bool Map(Note note, string name, string uuid, out string error)
    {
        var sectors = _source.Shape.LengthBytes / DeviceRange.SectorSizeBytes;
        var table = string.Create(
            CultureInfo.InvariantCulture,
            $"0 {sectors} thin {_source.Pool().Node} {note.Number}"
        );
        // Other programs of the host have no business with it.
        string[] args = ["create", name, "--readonly", "--noudevrules", "-u", uuid, "--table", table];
        (var exitCode, _, error) = LvmTool.Start(ErrorId.SnapshotCreate, "dmsetup", args);
        return exitCode == 0;
    }

    private bool IsThere(Note note) => BlockSysfs.NodeOfMapped(MappedUuidOf(note)) is not null;

    private Note? Find(ChangeEvidence evidence) =>
        Notes().FirstOrDefault(note => IsThere(note) && EvidenceOf(note) == evidence);

    private PoolSnapshot? Open(Note note, DateTimeOffset takenAt) =>
        BlockSysfs.NodeOfMapped(MappedUuidOf(note)) is { } node
            ? new PoolSnapshot(LinuxBlockDevice.OpenSource(node), EvidenceOf(note), takenAt)
            : null;

    /// <summary>Removes it, mapped device, volume of the pool and note; in words what was in the way, or null.</summary>
    private string? Remove(ThinPool pool, Note note)
    {
        try
        {
            if (IsThere(note))
            {
                LvmTool.Run(ErrorId.SnapshotCreate, "dmsetup", "remove", "--retry", "-u", MappedUuidOf(note));
            }

            pool.Delete(note.Number);
            _state.Delete(FileOf(note));
            _state.Flush();
            return null;
        }
        catch (DeviceException failure)
        {
            return failure.Cause;
        }
    }

    private sealed record Note(int Number, string Name);

    private sealed class Pending(PoolSnapshots owner, ThinPool pool, Note note) : IPendingSnapshot
    {
        private bool _isBegun;
        private bool _isTaken;

        public void Take()
        {
            _isBegun = true;
            pool.CreateSnapshot(note.Number, owner.Volume.ThinId);
            _isTaken = true;
        }

        public ISnapshot Open(DateTimeOffset takenAt)
        {
            Settle();
            if (!owner.Map(note, note.Name, owner.MappedUuidOf(note), out var error))
            {
                throw new DeviceException(ErrorId.SnapshotCreate, "a snapshot of the pool can not be opened")
                {
                    Where = $"{note.Name} of {owner.Volume.FullName}",
                    Cause = error.Trim(),
                };
            }

            return owner.Open(note, takenAt)
                ?? throw new DeviceException(ErrorId.SnapshotCreate, "the snapshot is not there")
                {
                    Where = note.Name,
                };
        }

        public void Undo()
        {
            if (_isTaken)
            {
                Settle();
                _ = owner.Remove(pool, note);
            }
            else if (!_isBegun)
            {
                // One that was begun and failed may still happen: the next sweep asks the pool.
                owner._state.Delete(owner.FileOf(note) + Unsure);
            }
        }

        // It is certainly ours now.
        private void Settle()
        {
            if (owner._state.Exists(owner.FileOf(note) + Unsure))
            {
                owner._state.Rename(owner.FileOf(note) + Unsure, owner.FileOf(note));
                owner._state.Flush();
            }
        }
    }
}
