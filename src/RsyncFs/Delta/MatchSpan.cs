namespace RsyncFs.Delta;

/// <summary>A run of source bytes that the target holds in its base, perhaps elsewhere, and at any byte offset.</summary>
/// <param name="SourceOffsetBytes">Where the run begins on the source.</param>
/// <param name="BaseOffsetBytes">Where the same bytes begin in the target's base.</param>
/// <param name="LengthBytes">How long the run is.</param>
public readonly record struct MatchSpan(long SourceOffsetBytes, long BaseOffsetBytes, long LengthBytes)
{
    /// <summary>The first source offset behind the run.</summary>
    public long SourceEndBytes => SourceOffsetBytes + LengthBytes;
}
