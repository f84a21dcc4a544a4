using RsyncFs.Blocks;
using RsyncFs.Sharing;

namespace RsyncFs.Snapshots;

/// <summary>A snapshot that several cycles read, and what they share of it.</summary>
/// <param name="inner">It.</param>
/// <param name="generation">The generation that it becomes at every destination; null if each has its own.</param>
/// <param name="isRead">True if what one reads is kept for others.</param>
internal sealed class OpenSnapshot(ISnapshot inner, Guid? generation, bool isRead)
{
    private readonly Lock _gate = new();
    private SharedSignatures? _signatures;
    private SharedBlocks? _blocks;

    /// <summary>How many cycles read it now.</summary>
    public int ReaderCount { get; set; }

    /// <summary>The snapshot itself.</summary>
    public ISnapshot Inner => inner;

    /// <summary>What a cycle takes over from the others; null if nothing, as what may change while it is read is not the same for everybody.</summary>
    public SharedReads? SharedBy(BlockHasher hasher)
    {
        if (inner.IsFuzzy || !isRead)
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
