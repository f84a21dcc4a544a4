using System.Buffers.Binary;
using System.IO.Hashing;
using RsyncFs.Protocol;

namespace RsyncFs.Fuzz.Sessions;

/// <summary>
/// What a peer says, as an input: for each frame its type, how many frames the other end must have sent before it
/// comes (both u8), the length of its payload (u16), and the payload. Headers are made from that, and always fit.
/// </summary>
internal static class Script
{
    private const int HeadBytes = 4;

    /// <summary>The frames in <paramref name="bytes"/>, up to the first that is cut.</summary>
    public static List<ScriptedFrame> Read(ReadOnlySpan<byte> bytes)
    {
        var frames = new List<ScriptedFrame>();
        var hash = new XxHash3();
        while (bytes.Length >= HeadBytes)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]);
            if (length > bytes.Length - HeadBytes)
            {
                break;
            }

            var frame = new byte[FrameHeader.LengthBytes + length];
            bytes.Slice(HeadBytes, length).CopyTo(frame.AsSpan(FrameHeader.LengthBytes));
            FrameHeader.Seal(frame, (MessageType)bytes[0], hash);
            frames.Add(new ScriptedFrame(frame, bytes[1]));
            bytes = bytes[(HeadBytes + length)..];
        }

        return frames;
    }

    /// <summary>The input for <paramref name="frames"/>.</summary>
    public static byte[] Write(IEnumerable<ScriptedFrame> frames)
    {
        var bytes = new List<byte>();
        foreach (var frame in frames)
        {
            var payload = frame.Payload.Span;
            bytes.AddRange([
                (byte)frame.Type,
                frame.After,
                (byte)payload.Length,
                (byte)(payload.Length >> 8),
            ]);
            bytes.AddRange(payload);
        }

        return [.. bytes];
    }
}
