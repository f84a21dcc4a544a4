namespace RsyncFs.Blocks;

/// <summary>A place in a delta from which it can be gone on.</summary>
/// <param name="Generation">The generation that the delta makes; zero for no place at all.</param>
/// <param name="RecordCount">Records before it.</param>
/// <param name="Chain">The chain over them.</param>
public readonly record struct DeltaPosition(Guid Generation, long RecordCount, Digest Chain)
{
    /// <summary>True if there is nothing to go on from.</summary>
    public bool IsNone => Generation == Guid.Empty;
}
