namespace RsyncFs.Devices;

/// <summary>The checks that every <see cref="IBlockDevice"/> makes before it touches a byte.</summary>
public static class DeviceRange
{
    /// <summary>Bytes of the sector in which the kernel counts what is written, whatever the device's own block is.</summary>
    public const int SectorSizeBytes = 512;

    /// <summary>Refuses a range that does not lie wholly inside a device of <paramref name="deviceLengthBytes"/>. An empty range may lie at the end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not. Nothing was touched.</exception>
    public static void ThrowIfOutside(long deviceLengthBytes, long offsetBytes, long lengthBytes)
    {
        if (offsetBytes < 0 || lengthBytes < 0 || lengthBytes > deviceLengthBytes - offsetBytes)
        {
            throw new ArgumentOutOfRangeException(
                nameof(offsetBytes),
                offsetBytes,
                $"{lengthBytes} bytes at offset {offsetBytes} leave a device of {deviceLengthBytes} bytes"
            );
        }
    }

    /// <summary>Sectors of 512 bytes that a range touches, those at its edges included.</summary>
    public static long SectorsTouched(long offsetBytes, long lengthBytes) =>
        lengthBytes == 0
            ? 0
            : ((offsetBytes + lengthBytes - 1) / SectorSizeBytes) - (offsetBytes / SectorSizeBytes) + 1;
}
