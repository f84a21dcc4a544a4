namespace RsyncFs.Blocks;

/// <summary>What a receiver says about a target.</summary>
public enum TargetStatus : byte
{
    /// <summary>Never initialised: whatever the device holds is nobody's copy.</summary>
    Empty = 1,

    /// <summary>A first copy, or an update in place, was begun and did not end. Marked inconsistent.</summary>
    Inconsistent = 2,

    /// <summary>It is one whole generation.</summary>
    Consistent = 3,
}
