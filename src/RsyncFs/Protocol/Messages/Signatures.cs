using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>The signatures of one group of the target. One answer a group, in the order of the <see cref="SignatureQuery"/>.</summary>
/// <remarks>
/// <code>
/// length field
///      8 group, i64
///   rest for each block of the group: weak checksum, u32, and digest of 16 or 32 bytes
/// </code>
/// </remarks>
/// <param name="Group">The group.</param>
/// <param name="Entries">For each block its weak checksum (4 bytes) and its digest.</param>
public sealed record Signatures(long Group, ReadOnlyMemory<byte> Entries) : Message
{
    private const int WeakLength = 4;

    internal override MessageType Type => MessageType.Signatures;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        writer.WriteInt64(Group);
        writer.WriteBytes(Entries.Span);
    }

    internal static Signatures Read(ref MessageReader reader)
    {
        var group = reader.ReadGroup();
        var count = reader.Format.Layout.BlockCountOf(group);
        return new Signatures(group, reader.ReadItems(WeakLength + reader.Format.DigestLength, count, count));
    }
}
