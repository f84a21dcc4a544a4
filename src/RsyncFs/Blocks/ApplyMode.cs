namespace RsyncFs.Blocks;

/// <summary>How a receiver brings a delta onto its target. The number stands on the wire.</summary>
public enum ApplyMode : byte
{
    /// <summary>The whole delta is staged and proven before the first write.</summary>
    Journal = 1,

    /// <summary>Each record is written as it comes. Only for a target that is marked inconsistent before.</summary>
    Direct = 2,
}
