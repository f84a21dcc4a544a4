using RsyncFs.Blocks;
using RsyncFs.Sharing;

namespace RsyncFs.Snapshots;

/// <summary>A snapshot that several cycles read, and what they share of it.</summary>
/// <param name="inner">It.</param>
/// <param name="generation">The generation that it becomes at every destination; null if each has its own.</param>
internal sealed class OpenSnapshot(ISnapshot inner, Guid? generation)
{
    private readonly Lock _gate = new();
    private SharedSignatures? _signatures;
    private SharedBlocks? _blocks;

    /// <summary>The snapshot itself.</summary>
    public ISnapshot Inner => inner;

    /// <summary>What a cycle takes over from the others; null if nothing, as what may change while it is read is not the same for everybody.</summary>
    public SharedReads? SharedBy(BlockHasher hasher)
    {
        if (inner.IsFuzzy)
        {
            return null;
        }

        lock (_gate)
        {
            _signatures ??= new SharedSignatures(hasher);
            _blocks ??= new SharedBlocks(inner.Device, hasher.Layout);
            return new SharedReads(
                inner.Device,
                hasher,
                _signatures.IsOf(hasher) ? _signatures : null,
                _blocks.Layout == hasher.Layout ? _blocks : null
            )
            {
                // One content has one name.
                Generation = generation,
            };
        }
    }
}
