using System.Buffers.Binary;

namespace RsyncFs.Blocks;

/// <summary>A strong checksum, 16 or 32 bytes as its algorithm says; a 16-byte one leaves the second half zero.</summary>
/// <param name="First">Bytes 0 to 15, little-endian.</param>
/// <param name="Second">Bytes 16 to 31, little-endian.</param>
public readonly record struct Digest(UInt128 First, UInt128 Second)
{
    /// <summary>Bytes of the longest digest.</summary>
    public const int MaxLengthBytes = 32;

    /// <summary>Reads a digest from exactly 16 or 32 bytes.</summary>
    public static Digest Read(ReadOnlySpan<byte> bytes) =>
        new(
            BinaryPrimitives.ReadUInt128LittleEndian(bytes),
            bytes.Length > 16 ? BinaryPrimitives.ReadUInt128LittleEndian(bytes[16..]) : UInt128.Zero
        );

    /// <summary>Writes the digest into exactly 16 or 32 bytes.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, First);
        if (bytes.Length > 16)
        {
            BinaryPrimitives.WriteUInt128LittleEndian(bytes[16..], Second);
        }
    }

    /// <summary>Hexadecimal, in byte order; 32 digits where the second half is zero, else 64.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Second == UInt128.Zero ? 16 : 32];
        Write(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
