using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>
/// From the sender: so many records were sent; say when each is staged or refused. From the receiver: they are,
/// every refusal was sent before this, and what is staged is flushed.
/// </summary>
/// <remarks>
/// <code>
/// length field
///      8 record count, i64
/// 16, 32 chain
/// </code>
/// </remarks>
/// <param name="RecordCount">Records sent since the cycle began.</param>
/// <param name="Chain">The chain over them.</param>
public sealed record Checkpoint(long RecordCount, Digest Chain) : Message
{
    internal override MessageType Type => MessageType.Checkpoint;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        ArgumentNullException.ThrowIfNull(format);
        writer.WriteInt64(RecordCount);
        writer.WriteDigest(Chain, format.DigestLength);
    }

    internal static Checkpoint Read(ref MessageReader reader) => new(reader.ReadCount(), reader.ReadDigest());
}
