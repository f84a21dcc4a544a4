using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Maps;

namespace RsyncFs.Sources;

/// <summary>
/// What a sender durably knows of one destination of its source: which generation it is at, and the signatures of
/// that generation. The map can be lost without harm: the next cycle compares.
/// </summary>
public sealed class DestinationState
{
    private readonly Guid _key;

    internal DestinationState(SourceState source, Guid key)
    {
        Source = source;
        _key = key;
    }

    /// <summary>What is known of the source.</summary>
    public SourceState Source { get; }

    /// <summary>What the receiver is told of the generations here.</summary>
    public SourceLineage Lineage
    {
        get
        {
            lock (Source.Gate)
            {
                return new SourceLineage(Source.Epoch, Record.Cursor, Record.Proposed, Source.Made);
            }
        }
    }

    /// <summary>When source and target were last compared by reading both; the epoch of Unix if never.</summary>
    public DateTimeOffset ComparedAt => Record.ComparedAt;

    /// <summary>Where an interrupted delta can be gone on with; null if nowhere.</summary>
    public ResumePoint? Resume => Record.Resume;

    /// <summary>True if the source has another destination that holds a generation of it.</summary>
    internal bool HasOthers => Source.HasOthers(_key);

    /// <summary>True if another destination is at the generation of the base.</summary>
    internal bool IsBaseOfOthers => Source.Base is { } now && Source.HasOtherAt(_key, now.Generation);

    private DestinationRecord Record => Source.Find(_key);

    private string MapName => $"map-{_key:N}";

    /// <summary>Durably says that the destination may be at <paramref name="generation"/> from now on, though it has not said so (C6).</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="snapshot">The snapshot that it is of, if one is kept between cycles.</param>
    /// <exception cref="Errors.StateException">The old or this one is durable.</exception>
    public void Propose(Guid generation, ChangeEvidence? snapshot = null)
    {
        lock (Source.Gate)
        {
            Source.ProposeBase(BaseSnapshot.Of(generation, snapshot));
            // One that was proposed before may have happened, too: the destination must be known by it however often
            // a later one fails.
            var earlier = Record.Proposed;
            var isForgotten = earlier != Guid.Empty && earlier != generation;
            Source.Update(
                Record with
                {
                    Proposed = generation,
                },
                isForgotten ? SourceLineage.Push(earlier, Source.Ancestors) : null
            );
        }
    }

    /// <summary>Durably says that the destination is at <paramref name="generation"/>, on its word.</summary>
    /// <param name="generation">The generation.</param>
    /// <param name="comparedAt">When both were read and compared, if they were; else null.</param>
    /// <param name="snapshot">The snapshot that it is of, if one is kept between cycles; null for the one it was proposed with.</param>
    /// <exception cref="Errors.StateException">The old or this one is durable.</exception>
    public void Acknowledge(Guid generation, DateTimeOffset? comparedAt, ChangeEvidence? snapshot = null)
    {
        lock (Source.Gate)
        {
            Source.AcknowledgeBase(generation, BaseSnapshot.Of(generation, snapshot));
            var isNew = generation != Record.Cursor;
            var record = Record with
            {
                Cursor = generation,
                Proposed = Guid.Empty,
                ComparedAt = comparedAt ?? Record.ComparedAt,
                Resume = null,
            };
            Source.Update(record, isNew ? SourceLineage.Push(generation, Source.Ancestors) : null);
        }
    }

    /// <summary>Durably says how far a delta got; null to forget it.</summary>
    /// <exception cref="Errors.StateException">The old or this one is durable.</exception>
    public void RememberResume(ResumePoint? point)
    {
        lock (Source.Gate)
        {
            Source.Update(Record with { Resume = point });
        }
    }

    /// <summary>The map of what the destination was last brought to, or null if there is none that is whole and of this shape.</summary>
    /// <exception cref="Errors.StateException">The file could not be read.</exception>
    public DigestMap? OpenMap(BlockHasher hasher) => DigestMap.TryOpen(Source.Directory, MapName, hasher);

    /// <summary>A new and empty map in place of whatever there was.</summary>
    /// <exception cref="Errors.StateException">The file could not be made.</exception>
    public DigestMap CreateMap(BlockHasher hasher) => DigestMap.Create(Source.Directory, MapName, hasher);

    /// <summary>A new and empty map that is only there while it is open, for a session that writes nothing.</summary>
    /// <exception cref="Errors.StateException">The file could not be made.</exception>
    public DigestMap CreateScratchMap(BlockHasher hasher) =>
        DigestMap.CreateScratch(Source.Directory, $"scratch-map-{_key:N}", hasher);
}
