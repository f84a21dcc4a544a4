using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>Digests of consecutive groups of the target, in order. The receiver sends them all, unasked, in a cycle that compares.</summary>
/// <remarks>
/// <code>
/// length field
///      8 first group, i64
///   rest digests of 16 or 32 bytes, 1 to 1024
/// </code>
/// </remarks>
/// <param name="FirstGroup">The group of the first digest.</param>
/// <param name="Digests">The digests, one behind the other.</param>
public sealed record GroupDigests(long FirstGroup, ReadOnlyMemory<byte> Digests) : Message
{
    /// <summary>Bytes of payload before the digests.</summary>
    internal const int FixedBytes = 8;

    internal override MessageType Type => MessageType.GroupDigests;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        writer.WriteInt64(FirstGroup);
        writer.WriteBytes(Digests.Span);
    }

    internal static GroupDigests Read(ref MessageReader reader)
    {
        var firstGroup = reader.ReadGroup();
        var count = Math.Min(ProtocolLimits.GroupDigestCount, reader.Format.Layout.GroupCount - firstGroup);
        return new GroupDigests(firstGroup, reader.ReadItems(reader.Format.DigestLength, 1, count));
    }
}
