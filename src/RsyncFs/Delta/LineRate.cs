namespace RsyncFs.Delta;

/// <summary>How fast the line takes bytes.</summary>
/// <param name="BytesPerSecond">So many a second; 0 if that is not known yet.</param>
/// <param name="IsLimit">True if it could take more, and a person set a limit.</param>
internal readonly record struct LineRate(double BytesPerSecond, bool IsLimit)
{
    /// <summary>True if it was measured, or set.</summary>
    public bool IsKnown => BytesPerSecond > 0;
}
