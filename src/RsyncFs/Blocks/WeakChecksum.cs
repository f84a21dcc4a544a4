namespace RsyncFs.Blocks;

/// <summary>The rolling checksum of rsync.</summary>
public static class WeakChecksum
{
    /// <summary>The checksum of <paramref name="data"/>: the low sum in the low 16 bits, the high sum in the high 16.</summary>
    public static uint Compute(ReadOnlySpan<byte> data)
    {
        uint low = 0;
        uint high = 0;
        foreach (var value in data)
        {
            low += unchecked((uint)(sbyte)value);
            high += low;
        }

        return (low & 0xffff) | (high << 16);
    }
}
