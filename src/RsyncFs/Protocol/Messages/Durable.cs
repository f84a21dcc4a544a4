using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>
/// The generation can not be lost any more, but is not on the target yet; <see cref="Applied"/> follows when it is.
/// Receiver to sender, after <see cref="EndOfDelta"/>, only where the delta was staged in a journal.
/// </summary>
/// <remarks>
/// <code>
/// length field
///     16 generation
/// </code>
/// </remarks>
/// <param name="Generation">The generation.</param>
public sealed record Durable(Guid Generation) : Message
{
    internal override MessageType Type => MessageType.Durable;

    internal override void Write(ByteWriter writer, SessionFormat? format) => writer.WriteGuid(Generation);

    internal static Durable Read(ref MessageReader reader) => new(reader.Bytes.ReadGuid());
}
