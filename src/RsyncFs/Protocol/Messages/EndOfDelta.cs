using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>The delta is whole. With no record at all the source is unchanged, and no generation is made.</summary>
/// <remarks>
/// <code>
/// length field
///      8 record count, i64
/// 16, 32 chain
/// 16, 32 root
///      1 is fuzzy, 0 or 1
/// </code>
/// </remarks>
/// <param name="RecordCount">Records sent since the cycle began.</param>
/// <param name="Chain">The chain over them.</param>
/// <param name="Root">The root digest of the whole device as it must be now.</param>
/// <param name="IsFuzzy">True if the source was in use while it was read.</param>
public sealed record EndOfDelta(long RecordCount, Digest Chain, Digest Root, bool IsFuzzy) : Message
{
    internal override MessageType Type => MessageType.EndOfDelta;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        ArgumentNullException.ThrowIfNull(format);
        writer.WriteInt64(RecordCount);
        writer.WriteDigest(Chain, format.DigestLength);
        writer.WriteDigest(Root, format.DigestLength);
        writer.WriteBoolean(IsFuzzy);
    }

    internal static EndOfDelta Read(ref MessageReader reader) =>
        new(reader.ReadCount(), reader.ReadDigest(), reader.ReadDigest(), reader.Bytes.ReadBoolean());
}
