using System.Security.Cryptography;
using System.Text;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.State;

namespace RsyncFs.Sources;

/// <summary>
/// What a sender durably knows of one source: the volume it is, its epoch, the generations it made, and how far each
/// destination is. Without it a receiver takes nothing from this sender before a person has said so there. Safe to use
/// from the cycles of several destinations at the same time.
/// </summary>
/// <remarks>
/// File <c>source</c>, a <see cref="DurableRecord"/>: volume (see <see cref="VolumeFields"/>), epoch u64, retired u8,
/// number of ancestors u8, 16 bytes each, number of destinations u16, each a <see cref="DestinationRecord"/>, base,
/// proposed base, each: follows u8, its generation 16, evidence; snapshot bytes i64.
/// </remarks>
public sealed class SourceState
{
    private const string FileName = "source";
    private const int MaxDestinationCount = 64;
    private const int KeyBytes = 16;

    private readonly List<DestinationRecord> _destinations = [];
    private readonly Turnstile _unknown = new();
    private BaseSnapshot? _proposedBase;

    private SourceState(IDurableDirectory directory)
    {
        Directory = directory;
    }

    /// <summary>The volume, or null if this source was never replicated.</summary>
    public Volume? Volume { get; private set; }

    /// <summary>The highest epoch that this source has seen.</summary>
    public ulong Epoch { get; private set; } = SourceLineage.FirstEpoch;

    /// <summary>Generations that this source made for any destination and that may have become one there, newest first.</summary>
    public IReadOnlyList<Guid> Ancestors { get; private set; } = [];

    /// <summary>
    /// Generations that may be found at a destination: first where each was last, so that one that comes back under
    /// another name is known however often the others went on, then <see cref="Ancestors"/>.
    /// </summary>
    internal IReadOnlyList<Guid> Made
    {
        get
        {
            lock (Gate)
            {
                return
                [
                    .. _destinations
                        .Select(destination => destination.Cursor)
                        .Reverse()
                        .Concat(Ancestors)
                        .Where(generation => generation != Guid.Empty)
                        .Distinct()
                        .Take(SourceLineage.MaxAncestorCount),
                ];
            }
        }
    }

    /// <summary>True if the device was taken in as a target: it is no source before it is promoted.</summary>
    public bool IsRetired { get; private set; }

    /// <summary>The snapshot that is kept between cycles; null if none is.</summary>
    public BaseSnapshot? Base { get; private set; }

    /// <summary>
    /// The snapshots that are needed again, two at the most (C13): the base, and the one of the youngest delta that was
    /// interrupted or that was not acknowledged.
    /// </summary>
    public IReadOnlyCollection<ChangeEvidence> KeptSnapshots
    {
        get
        {
            lock (Gate)
            {
                var interrupted = _destinations
                    .Select(destination => destination.Resume)
                    .OfType<ResumePoint>()
                    .MaxBy(point => point.DataTime)
                    ?.Evidence;
                ChangeEvidence?[] kept = [Base?.Evidence, interrupted ?? _proposedBase?.Evidence];
                return [.. kept.OfType<ChangeEvidence>().Distinct()];
            }
        }
    }

    /// <summary>Where it is kept.</summary>
    public string Place => Directory.Name;

    internal IDurableDirectory Directory { get; }

    /// <summary>Where cycles are bringing destinations at this moment.</summary>
    internal BegunGenerations Begun { get; } = new();

    /// <summary>Held for every step that reads the state and changes it.</summary>
    internal Lock Gate { get; } = new();

    private static ReadOnlySpan<byte> Magic => "RSFSSRC2"u8;

    /// <summary>Bytes that a snapshot with a space of its own has proven to need; 0 if none ran full.</summary>
    public long SnapshotBytes { get; private set; }

    /// <summary>Reads what <paramref name="directory"/> holds.</summary>
    /// <exception cref="StateException">The record can not be read.</exception>
    public static SourceState Load(IDurableDirectory directory) =>
        DurableRecord.Load(
            directory,
            FileName,
            Magic,
            body => Decode(directory, body),
            "move it away, and on each receiver: rsyncfs target adopt NAME --new-sender; then the volume is compared anew"
        ) ?? new SourceState(directory);

    /// <summary>What is known of the destination called <paramref name="name"/>.</summary>
    public DestinationState At(string name) =>
        new(this, new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, KeyBytes)));

    /// <summary>
    /// Waits while another destination's cycle makes the source's volume known: one source is one volume, though it goes
    /// to several destinations for the first time at once.
    /// </summary>
    /// <returns>To be disposed of when it is known, or when that failed.</returns>
    internal Task<IDisposable> EnterAsync(CancellationToken cancellationToken) =>
        Volume is null ? _unknown.EnterAsync(cancellationToken) : Task.FromResult(Turnstile.Open);

    /// <summary>Durably makes the device a source of <paramref name="volume"/>: for the other direction after a promote.</summary>
    /// <exception cref="StateException">The old or this state is durable.</exception>
    public void Become(Volume volume, ulong epoch, IReadOnlyList<Guid> ancestors)
    {
        (Volume, Epoch, Ancestors, IsRetired) = (volume, epoch, ancestors, false);
        (Base, _proposedBase) = (null, null);
        _destinations.Clear();
        Save();
    }

    /// <summary>Durably ends the device's life as a source; what it knows stays.</summary>
    /// <exception cref="StateException">The old or this state is durable.</exception>
    public void Retire()
    {
        if (Volume is not null && !IsRetired)
        {
            IsRetired = true;
            (Base, _proposedBase) = (null, null);
            Save();
        }
    }

    /// <summary>Durably remembers that a snapshot ran full, and what the next one needs.</summary>
    /// <exception cref="StateException">The old or this one is durable.</exception>
    public void RememberSnapshotBytes(long needed)
    {
        lock (Gate)
        {
            SnapshotBytes = needed;
            if (Volume is not null)
            {
                Save();
            }
        }
    }

    /// <summary>Names the snapshot that a destination may be at from now on; the next record that is saved says so.</summary>
    internal void ProposeBase(BaseSnapshot? proposed)
    {
        lock (Gate)
        {
            _proposedBase = proposed ?? _proposedBase;
        }
    }

    /// <summary>Makes the snapshot that became <paramref name="generation"/> the base of the next cycle, durably if it is another.</summary>
    /// <exception cref="StateException">The old or this one is durable.</exception>
    internal void AcknowledgeBase(Guid generation, BaseSnapshot? acknowledged)
    {
        lock (Gate)
        {
            // One that had to go for another is no base; its generation has a union.
            var known =
                _proposedBase?.Generation == generation && KeptSnapshots.Contains(_proposedBase.Evidence)
                    ? _proposedBase
                    : null;
            if ((acknowledged ?? known) is { } next && next != Base)
            {
                (Base, _proposedBase) = (next, null);
                Save();
            }
        }
    }

    /// <summary>Durably gives the base up, if there is one: no snapshot is kept any more.</summary>
    /// <exception cref="StateException">The old or this one is durable.</exception>
    internal void ForgetBase()
    {
        lock (Gate)
        {
            if (Base is not null || _proposedBase is not null)
            {
                (Base, _proposedBase) = (null, null);
                Save();
            }
        }
    }

    /// <summary>Whole blocks outside of which <paramref name="generation"/> is what <paramref name="base"/> is; null if that is not known (C6).</summary>
    internal IReadOnlyList<Extent>? FindUnion(Guid generation, BaseSnapshot @base, BlockLayout layout)
    {
        lock (Gate)
        {
            return @base.Generation == generation
                ? []
                : BaseUnions.Load(Directory, @base.Evidence, layout)?.Find(generation);
        }
    }

    /// <summary>
    /// Durably adds what changed between the base and a later snapshot to the union of each destination. What was true up
    /// to the base stays true, and becomes true up to that snapshot: whether it becomes the base may be seen later (C6).
    /// Where another destination's cycle has made this snapshot the base meanwhile, that is done.
    /// </summary>
    /// <param name="generation">What <paramref name="snapshot"/> is.</param>
    /// <param name="from">The base that <paramref name="changed"/> is of.</param>
    /// <param name="snapshot">It may become the base.</param>
    /// <param name="changed">Outside of these blocks it is what that base is.</param>
    /// <param name="layout">The blocks.</param>
    /// <exception cref="StateException">The old or these are durable.</exception>
    internal void ExtendUnions(
        Guid generation,
        BaseSnapshot from,
        ChangeEvidence snapshot,
        BlockSet changed,
        BlockLayout layout
    )
    {
        lock (Gate)
        {
            if (Base == from)
            {
                // Who was heard of last comes first, if there is no room for all.
                var generations = _destinations
                    .AsEnumerable()
                    .Reverse()
                    .SelectMany(destination => destination.Generations)
                    .Prepend(generation)
                    .Concat(Begun.All)
                    .Distinct();
                var next = new BaseSnapshot(generation, snapshot);
                BaseUnions.Extend(
                    Directory,
                    layout,
                    from,
                    next,
                    changed,
                    generations,
                    member => Begun.IsOf(member, from.Evidence, snapshot)
                );
            }
        }
    }

    /// <summary>True if a destination other than <paramref name="key"/> holds a generation of this source, may hold one, or is being brought to one.</summary>
    internal bool HasOthers(Guid key)
    {
        lock (Gate)
        {
            return Begun.All.Count > 0
                || _destinations.Exists(other => other.Key != key && other.Generations.Any());
        }
    }

    /// <summary>True if a destination other than <paramref name="key"/> is at <paramref name="generation"/>.</summary>
    internal bool HasOtherAt(Guid key, Guid generation)
    {
        lock (Gate)
        {
            return _destinations.Exists(other => other.Key != key && other.Cursor == generation);
        }
    }

    internal DestinationRecord Find(Guid key)
    {
        lock (Gate)
        {
            return _destinations.Find(destination => destination.Key == key) ?? new DestinationRecord(key);
        }
    }

    /// <summary>Durably makes <paramref name="destination"/> what is known of it.</summary>
    internal void Update(DestinationRecord destination, IReadOnlyList<Guid>? ancestors = null)
    {
        lock (Gate)
        {
            Replace(destination, ancestors);
        }
    }

    private void Replace(DestinationRecord destination, IReadOnlyList<Guid>? ancestors)
    {
        if (Find(destination.Key) == destination && ancestors is null)
        {
            return;
        }

        _destinations.RemoveAll(other => other.Key == destination.Key);
        _destinations.Add(destination);
        // The one that was not heard of for the longest time is the first; it is compared if it ever comes back.
        _destinations.RemoveRange(0, Math.Max(0, _destinations.Count - MaxDestinationCount));
        Ancestors = ancestors ?? Ancestors;
        Save();
    }

    /// <summary>
    /// Durably makes <paramref name="volume"/> the volume of this source, in that epoch. Before the first byte is written
    /// at the other end: a first copy that is cut goes on as this volume.
    /// </summary>
    /// <exception cref="StateException">The old or this one is durable.</exception>
    internal void Remember(Volume volume, ulong epoch)
    {
        lock (Gate)
        {
            if (Volume != volume || Epoch != epoch)
            {
                (Volume, Epoch) = (volume, epoch);
                Save();
            }
        }
    }

    private void Save()
    {
        var body = new ByteWriter();
        VolumeFields.Write(body, Volume!);
        body.WriteUInt64(Epoch);
        body.WriteBoolean(IsRetired);
        body.WriteByte((byte)Ancestors.Count);
        foreach (var ancestor in Ancestors)
        {
            body.WriteGuid(ancestor);
        }

        body.WriteUInt16((ushort)_destinations.Count);
        foreach (var destination in _destinations)
        {
            destination.Write(body);
        }

        BaseSnapshot.Write(body, Base);
        BaseSnapshot.Write(body, _proposedBase);
        body.WriteInt64(SnapshotBytes);
        DurableRecord.Save(Directory, FileName, Magic, body);
    }

    private static SourceState Decode(IDurableDirectory directory, byte[] body)
    {
        var reader = new ByteReader(body);
        var state = new SourceState(directory)
        {
            Volume = VolumeFields.Read(ref reader),
            Epoch = SourceLineage.ReadEpoch(ref reader),
            IsRetired = reader.ReadBoolean(),
        };
        var ancestors = new Guid[AtMost(SourceLineage.MaxAncestorCount, reader.ReadByte(), "ancestors")];
        for (var i = 0; i < ancestors.Length; i++)
        {
            ancestors[i] = reader.ReadGuid();
        }

        state.Ancestors = ancestors;
        var count = AtMost(MaxDestinationCount, reader.ReadUInt16(), "destinations");
        for (; count > 0; count--)
        {
            state._destinations.Add(DestinationRecord.Read(ref reader));
        }

        state.Base = BaseSnapshot.Read(ref reader);
        state._proposedBase = BaseSnapshot.Read(ref reader);
        state.SnapshotBytes = reader.ReadCount();
        reader.EnsureEnd();
        return state;
    }

    private static int AtMost(int max, int count, string what) =>
        count <= max
            ? count
            : throw new InvalidDataException($"it has {count} {what}, at most {max} are kept");
}
