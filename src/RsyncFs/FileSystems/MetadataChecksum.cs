using System.Buffers.Binary;
using System.Numerics;

namespace RsyncFs.FileSystems;

/// <summary>The two checksums of metadata: CRC-32C (Castagnoli), and CRC-16 with the polynomial x^16 + x^15 + x^2 + 1, both reflected.</summary>
internal static class MetadataChecksum
{
    /// <summary>With what both begin where a format does not say otherwise. Neither is inverted at the end.</summary>
    public const uint Start = uint.MaxValue;

    private const ushort Crc16Polynomial = 0xA001;

    /// <summary>Goes on with a CRC-32C over <paramref name="bytes"/>.</summary>
    public static uint Crc32C(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var next in bytes)
        {
            crc = BitOperations.Crc32C(crc, next);
        }

        return crc;
    }

    /// <summary>The CRC-32C of <paramref name="bytes"/> as if the four at <paramref name="checksumAt"/> were zero: where XFS keeps it.</summary>
    public static uint Crc32CAround(uint crc, ReadOnlySpan<byte> bytes, int checksumAt)
    {
        crc = Crc32C(crc, bytes[..checksumAt]);
        crc = BitOperations.Crc32C(crc, 0u);
        return Crc32C(crc, bytes[(checksumAt + sizeof(uint))..]);
    }

    /// <summary>Goes on with a CRC-16 over <paramref name="bytes"/>.</summary>
    public static ushort Crc16(ushort crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var next in bytes)
        {
            crc ^= next;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (ushort)((crc & 1) != 0 ? (crc >> 1) ^ Crc16Polynomial : crc >> 1);
            }
        }

        return crc;
    }
}
