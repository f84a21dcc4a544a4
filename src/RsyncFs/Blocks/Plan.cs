namespace RsyncFs.Blocks;

/// <summary>How a cycle finds what changed. The number stands on the wire.</summary>
public enum Plan : byte
{
    /// <summary>Everything that is not zero is sent; nothing is compared.</summary>
    Full = 1,

    /// <summary>Both ends read, or the target's end trusts its digest map; groups are compared, then blocks.</summary>
    Compare = 2,

    /// <summary>The source is read and compared with the sender's own digest map of the target's generation.</summary>
    Digest = 3,

    /// <summary>As <see cref="Digest"/>, and only what the storage says has changed since that generation is read.</summary>
    Tracked = 4,
}
