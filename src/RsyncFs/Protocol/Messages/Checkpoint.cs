using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>
/// From the sender: so many records were sent; say when each is staged or refused. From the receiver: they are, and
/// every refusal was sent before this. If it is durable, what is staged is flushed, and the delta can be gone on from here.
/// </summary>
/// <remarks>
/// <code>
/// length field
///      8 record count, i64
/// 16, 32 chain
///      1 is durable, 0 or 1
/// </code>
/// </remarks>
/// <param name="RecordCount">Records sent since the cycle began.</param>
/// <param name="Chain">The chain over them.</param>
/// <param name="IsDurable">True if what is staged is to be flushed, or was.</param>
public sealed record Checkpoint(long RecordCount, Digest Chain, bool IsDurable) : Message
{
    internal override MessageType Type => MessageType.Checkpoint;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        ArgumentNullException.ThrowIfNull(format);
        writer.WriteInt64(RecordCount);
        writer.WriteDigest(Chain, format.DigestLength);
        writer.WriteBoolean(IsDurable);
    }

    internal static Checkpoint Read(ref MessageReader reader) =>
        new(reader.ReadCount(), reader.ReadDigest(), reader.Bytes.ReadBoolean());
}
