namespace RsyncFs.Blocks;

/// <summary>A run of bytes of a device. May be empty.</summary>
/// <param name="OffsetBytes">Where it begins.</param>
/// <param name="LengthBytes">How long it is.</param>
public readonly record struct Extent(long OffsetBytes, long LengthBytes)
{
    /// <summary>The first offset behind the run.</summary>
    public long EndBytes => OffsetBytes + LengthBytes;

    /// <summary>True if not a single byte is in it.</summary>
    public bool IsEmpty => LengthBytes == 0;

    /// <summary>What both runs cover; empty if they do not touch.</summary>
    public Extent Intersect(Extent other)
    {
        var start = Math.Max(OffsetBytes, other.OffsetBytes);
        var end = Math.Min(EndBytes, other.EndBytes);
        return new Extent(start, Math.Max(0, end - start));
    }
}
