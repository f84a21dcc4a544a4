using RsyncFs.Blocks;

namespace RsyncFs.Tests.Targets.LineageModel;

/// <summary>What a node durably knows as a source: <see cref="RsyncFs.Sources.SourceState"/> without its files.</summary>
internal sealed record ModelSender(Volume Volume, ulong Epoch)
{
    public Guid Cursor { get; init; }

    public Guid Proposed { get; init; }

    public IReadOnlyList<Guid> Ancestors { get; init; } = [];

    public bool IsRetired { get; init; }

    public SourceLineage Lineage => new(Epoch, Cursor, Proposed, Ancestors);

    /// <summary>As <see cref="RsyncFs.Sources.DestinationState.Propose"/> does.</summary>
    public ModelSender Propose(Guid generation) =>
        this with
        {
            Proposed = generation,
            Ancestors = Proposed == generation ? Ancestors : SourceLineage.Push(Proposed, Ancestors),
        };

    public ModelSender Acknowledge(Guid generation) =>
        this with
        {
            Cursor = generation,
            Proposed = Guid.Empty,
            Ancestors = generation == Cursor ? Ancestors : SourceLineage.Push(generation, Ancestors),
        };
}
