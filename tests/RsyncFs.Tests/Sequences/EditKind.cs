namespace RsyncFs.Tests.Sequences;

/// <summary>What can be wrong with a message of a session that is legal else.</summary>
internal enum EditKind
{
    /// <summary>It never comes.</summary>
    Drop,

    /// <summary>It comes twice.</summary>
    Double,

    /// <summary>It comes some messages later.</summary>
    Later,

    /// <summary>The session ends behind it.</summary>
    Cut,

    /// <summary>A message of another session comes before it: of another generation, target, volume or format.</summary>
    Splice,

    /// <summary>A message that the other end said comes before it.</summary>
    Reflect,

    /// <summary>Its end is missing; the frame's length and checksum fit.</summary>
    Shorten,

    /// <summary>There is more behind its end.</summary>
    Lengthen,

    /// <summary>Some bytes of it are others.</summary>
    Overwrite,

    /// <summary>A field has another value.</summary>
    Lie,
}
