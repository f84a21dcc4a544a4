namespace RsyncFs.Blocks;

/// <summary>Finds bytes that are nothing but zero. Zeros are data like any other: a target may hold something else there.</summary>
public static class Zeros
{
    /// <summary>True if no byte of <paramref name="data"/> differs from zero; so also if there is none.</summary>
    public static bool IsZero(ReadOnlySpan<byte> data) => !data.ContainsAnyExcept((byte)0);
}
