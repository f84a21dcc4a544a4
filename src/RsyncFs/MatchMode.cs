namespace RsyncFs;

/// <summary>Where content that the target holds elsewhere is searched.</summary>
public enum MatchMode
{
    /// <summary>Rolling, and given up where it finds nothing.</summary>
    Auto,

    /// <summary>Nowhere: only the same offset is compared.</summary>
    Aligned,

    /// <summary>At every byte offset of every changed run.</summary>
    Rolling,
}
