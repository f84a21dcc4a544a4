using System.IO.Hashing;
using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Protocol.Messages;

namespace RsyncFs.Protocol;

/// <summary>From messages to frames and back, by type. The fields are in the file of each message.</summary>
internal static class MessageCoding
{
    /// <summary>True for a type of this version.</summary>
    public static bool IsKnown(MessageType type) => type is >= MessageType.Hello and <= MessageType.Again;

    /// <summary>Who may send a message of this type.</summary>
    public static ProtocolRole SenderOf(MessageType type) =>
        type switch
        {
            MessageType.Hello
            or MessageType.OpenTarget
            or MessageType.BeginGeneration
            or MessageType.SignatureQuery
            or MessageType.PageQuery
            or MessageType.Delta
            or MessageType.AuditQuery
            or MessageType.EndOfDelta => ProtocolRole.Sender,
            MessageType.Checkpoint or MessageType.Heartbeat or MessageType.Bye or MessageType.Again =>
                ProtocolRole.Both,
            _ => ProtocolRole.Receiver,
        };

    /// <summary>Makes the whole frame of <paramref name="message"/> in <paramref name="frame"/>, which is cleared before.</summary>
    /// <exception cref="ArgumentException">The message breaks a limit or a rule: a defect of this end.</exception>
    public static void Encode(Message message, SessionFormat? format, ByteWriter frame, XxHash3 hash)
    {
        frame.Clear();
        frame.Reserve(FrameHeader.LengthBytes);
        message.Write(frame, format);
        var payloadLength = frame.Length - FrameHeader.LengthBytes;
        if (payloadLength > ProtocolLimits.MaxPayloadLength(message.Type, format))
        {
            throw new ArgumentException($"a {message.Type} of {payloadLength} bytes", nameof(message));
        }

        FrameHeader.Seal(frame.WritableSpan, message.Type, hash);
    }

    /// <summary>Reads a payload whose frame was checked. What the message holds may point into it.</summary>
    /// <exception cref="ProtocolException">It is not what this end would have written.</exception>
    public static Message Decode(MessageType type, ReadOnlyMemory<byte> payload, SessionFormat? format)
    {
        try
        {
            var reader = new MessageReader(payload, format, type);
            var message = Read(type, ref reader);
            reader.Bytes.EnsureEnd();
            return message;
        }
        catch (InvalidDataException error)
        {
            throw new ProtocolException($"a malformed {type}: {error.Message}", error);
        }
    }

    private static Message Read(MessageType type, ref MessageReader reader) =>
        type switch
        {
            MessageType.Hello => Hello.Read(ref reader),
            MessageType.Welcome => Welcome.Read(ref reader),
            MessageType.Refused => Refused.Read(ref reader),
            MessageType.OpenTarget => OpenTarget.Read(ref reader),
            MessageType.TargetState => TargetState.Read(ref reader),
            MessageType.BeginGeneration => BeginGeneration.Read(ref reader),
            MessageType.Credit => Credit.Read(ref reader),
            MessageType.Checkpoint => Checkpoint.Read(ref reader),
            MessageType.GroupDigests => GroupDigests.Read(ref reader),
            MessageType.SignatureQuery => SignatureQuery.Read(ref reader),
            MessageType.Signatures => Signatures.Read(ref reader),
            MessageType.PageQuery => PageQuery.Read(ref reader),
            MessageType.PageHashes => PageHashes.Read(ref reader),
            MessageType.Delta => DeltaBatch.Read(ref reader),
            MessageType.BlockRefused => BlockRefused.Read(ref reader),
            MessageType.AuditQuery => AuditQuery.Read(ref reader),
            MessageType.AuditDigests => AuditDigests.Read(ref reader),
            MessageType.EndOfDelta => EndOfDelta.Read(ref reader),
            MessageType.Applied => Applied.Read(ref reader),
            MessageType.Heartbeat => Heartbeat.Read(ref reader),
            MessageType.Bye => Bye.Read(ref reader),
            MessageType.Durable => Durable.Read(ref reader),
            MessageType.Codecs => Codecs.Read(ref reader),
            MessageType.Again => Again.Read(ref reader),
            _ => throw new ProtocolException($"a frame of unknown type {(byte)type}"),
        };
}
