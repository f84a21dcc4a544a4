using System.Buffers.Binary;

namespace RsyncFs.SystemTests.Keys;

/// <summary>Records of TLS as they stand on the wire: type u8, version u16, length u16, big-endian, and the rest (RFC 8446, 5.1).</summary>
internal static class TlsRecord
{
    public const byte Alert = 21;
    public const byte ApplicationData = 23;

    private const int HeadBytes = 5;
    private const int LengthAt = 3;

    /// <summary>The next record, head and all; null at the end of the stream.</summary>
    /// <exception cref="EndOfStreamException">It is cut.</exception>
    public static async Task<byte[]?> ReadAsync(Stream stream)
    {
        var head = new byte[HeadBytes];
        var count = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false);
        if (count < HeadBytes)
        {
            return count == 0 ? null : throw new EndOfStreamException();
        }

        var record = new byte[HeadBytes + BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(LengthAt))];
        head.CopyTo(record, 0);
        await stream.ReadExactlyAsync(record.AsMemory(HeadBytes));
        return record;
    }

    /// <summary>A record of somebody who has no key.</summary>
    public static byte[] Make(byte type, params ReadOnlySpan<byte> content) =>
        [type, 3, 3, (byte)(content.Length >> 8), (byte)content.Length, .. content];
}
