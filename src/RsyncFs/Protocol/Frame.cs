namespace RsyncFs.Protocol;

/// <summary>A frame that was received whole and is not read yet.</summary>
/// <param name="Type">What the payload is.</param>
/// <param name="Buffer">Memory of its own that begins with the payload.</param>
/// <param name="PayloadLength">Bytes of the payload.</param>
internal readonly record struct Frame(MessageType Type, byte[] Buffer, int PayloadLength)
{
    /// <summary>The payload.</summary>
    public ReadOnlyMemory<byte> Payload => Buffer.AsMemory(0, PayloadLength);
}
