using RsyncFs.Blocks;

namespace RsyncFs.Sources;

/// <summary>What a sender durably knows of one destination of a source.</summary>
/// <param name="Key">Stands for the destination's name.</param>
internal sealed record DestinationRecord(Guid Key)
{
    /// <summary>The last generation that it acknowledged; zero if none.</summary>
    public Guid Cursor { get; init; }

    /// <summary>A generation whose acknowledgement is outstanding; zero if none.</summary>
    public Guid Proposed { get; init; }

    /// <summary>When source and target were last compared by reading both; the epoch of Unix if never.</summary>
    public DateTimeOffset ComparedAt { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>Where an interrupted delta can be gone on with; null if nowhere.</summary>
    public ResumePoint? Resume { get; init; }

    /// <summary>Those that it is at, may be at, or is on its way to.</summary>
    public IEnumerable<Guid> Generations =>
        new[] { Cursor, Proposed, Resume?.Position.Generation ?? Guid.Empty }.Where(one => one != Guid.Empty);

    public void Write(ByteWriter writer)
    {
        writer.WriteGuid(Key);
        writer.WriteGuid(Cursor);
        writer.WriteGuid(Proposed);
        writer.WriteTime(ComparedAt);
        writer.WriteBoolean(Resume is not null);
        Resume?.Write(writer);
    }

    public static DestinationRecord Read(ref ByteReader reader) =>
        new(reader.ReadGuid())
        {
            Cursor = reader.ReadGuid(),
            Proposed = reader.ReadGuid(),
            ComparedAt = reader.ReadTime(),
            Resume = reader.ReadBoolean() ? ResumePoint.Read(ref reader) : null,
        };
}
