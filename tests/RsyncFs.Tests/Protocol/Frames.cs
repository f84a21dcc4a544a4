using System.Buffers.Binary;
using System.IO.Hashing;
using RsyncFs.Blocks;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;

namespace RsyncFs.Tests.Protocol;

/// <summary>Frames made by hand, right and wrong.</summary>
internal static class Frames
{
    /// <summary>The frame of a message as a connection would send it.</summary>
    public static byte[] Encode(Message message, SessionFormat? format)
    {
        var frame = new ByteWriter();
        MessageCoding.Encode(message, format, frame, new XxHash3());
        return frame.ToArray();
    }

    /// <summary>Reads one frame that must be all there is, as a connection does.</summary>
    public static Message Decode(ReadOnlyMemory<byte> frame, SessionFormat? format)
    {
        using var stream = new MemoryStream(frame.ToArray());
        var reader = new FrameReader(stream) { OnBytes = () => { } };
        var headerBytes = reader.ReadHeaderAsync(default).AsTask().GetAwaiter().GetResult();
        var header = FrameHeader.Read(headerBytes.Span, format);
        var payload = new byte[header.PayloadLength];
        reader.ReadPayloadAsync(header, payload, default).AsTask().GetAwaiter().GetResult();
        return MessageCoding.Decode(header.Type, payload, format);
    }

    /// <summary>A frame of any payload under a header that fits it.</summary>
    public static byte[] Seal(byte type, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[FrameHeader.LengthBytes + payload.Length];
        payload.CopyTo(frame.AsSpan(FrameHeader.LengthBytes));
        FrameHeader.Seal(frame, (MessageType)type, new XxHash3());
        return frame;
    }

    /// <summary>A header alone, that claims a payload.</summary>
    public static byte[] Claim(byte type, uint payloadLength)
    {
        var header = new byte[FrameHeader.LengthBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(header, payloadLength);
        header[4] = type;
        return header;
    }
}
