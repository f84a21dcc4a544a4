namespace RsyncFs.Access;

/// <summary>What the owner of a key may ask of a target.</summary>
[Flags]
public enum Rights
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Make it the next generation.</summary>
    Write = 1,

    /// <summary>Compare it; nothing is written.</summary>
    Verify = 2,

    /// <summary>Make a first copy, if the receiver allows one for it at all.</summary>
    Init = 4,
}
