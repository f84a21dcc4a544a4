using System.Buffers.Binary;
using System.IO.Hashing;
using RsyncFs.Errors;

namespace RsyncFs.Protocol;

/// <summary>
/// What stands before every message.
/// <code>
/// offset length field
///      0      4 payload length in bytes, u32
///      4      1 message type, u8
///      5      1 flags, u8, 0
///      6      2 reserved, u16, 0
///      8      8 checksum, u64: XXH3-64 with seed 0 of bytes 0 to 7 and of the payload
/// </code>
/// The checksum finds what memory, cables and proxies break; it proves nothing about who sent the bytes.
/// </summary>
/// <remarks>XXH3-64: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md.</remarks>
/// <param name="Type">What the payload is.</param>
/// <param name="PayloadLength">Bytes that follow.</param>
/// <param name="Checksum">What <see cref="ChecksumOf"/> must give.</param>
internal readonly record struct FrameHeader(MessageType Type, int PayloadLength, ulong Checksum)
{
    /// <summary>Bytes of a header.</summary>
    public const int LengthBytes = 16;

    private const int SummedBytes = 8;

    /// <summary>The checksum of a frame whose header begins with <paramref name="header"/>, only 8 bytes of which count.</summary>
    public static ulong ChecksumOf(XxHash3 hash, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        hash.Reset();
        hash.Append(header[..SummedBytes]);
        hash.Append(payload);
        return hash.GetCurrentHashAsUInt64();
    }

    /// <summary>Writes the header of the frame that <paramref name="frame"/> is: room for the header, then the payload.</summary>
    public static void Seal(Span<byte> frame, MessageType type, XxHash3 hash)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)(frame.Length - LengthBytes));
        frame[4] = (byte)type;
        frame[5] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(frame[6..], 0);
        var checksum = ChecksumOf(hash, frame, frame[LengthBytes..]);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[SummedBytes..], checksum);
    }

    /// <summary>Reads a header and checks everything that can be checked before memory is taken for the payload.</summary>
    /// <exception cref="ProtocolException">The type is unknown, a field that must be 0 is not, or the length is over the type's limit.</exception>
    public static FrameHeader Read(ReadOnlySpan<byte> bytes, SessionFormat? format)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        var type = (MessageType)bytes[4];
        if (!MessageCoding.IsKnown(type))
        {
            throw new ProtocolException($"a frame of unknown type {bytes[4]}");
        }

        if (bytes[5] != 0 || bytes[6] != 0 || bytes[7] != 0)
        {
            throw new ProtocolException($"a {type} frame with flags {Convert.ToHexStringLower(bytes[5..8])}");
        }

        var limit = ProtocolLimits.MaxPayloadLength(type, format);
        if (length > limit)
        {
            throw new ProtocolException($"a {type} frame of {length} bytes, at most {limit} are allowed");
        }

        return new FrameHeader(
            type,
            (int)length,
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[SummedBytes..])
        );
    }
}
