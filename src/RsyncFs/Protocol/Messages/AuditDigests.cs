using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>Answer to an <see cref="AuditQuery"/>.</summary>
/// <remarks>
/// <code>
/// length field
///   rest digests of 16 or 32 bytes, 1 to 1024
/// </code>
/// </remarks>
/// <param name="Digests">The digests in the order of the query, one behind the other.</param>
public sealed record AuditDigests(ReadOnlyMemory<byte> Digests) : Message
{
    internal override MessageType Type => MessageType.AuditDigests;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        writer.WriteBytes(Digests.Span);
    }

    internal static AuditDigests Read(ref MessageReader reader) =>
        new(reader.ReadItems(reader.Format.DigestLength, 1, ProtocolLimits.AuditBlockCount));
}
