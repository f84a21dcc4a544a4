using RsyncFs.Protocol;

namespace RsyncFs.Fuzz.Sessions;

/// <summary>A frame of a script.</summary>
/// <param name="Bytes">Header and payload.</param>
/// <param name="After">How many frames the other end sends before it, at most 255.</param>
internal sealed record ScriptedFrame(byte[] Bytes, byte After)
{
    public MessageType Type => (MessageType)Bytes[4];

    public Memory<byte> Payload => Bytes.AsMemory(FrameHeader.LengthBytes);

    /// <summary>The same frame with another payload as long as this one.</summary>
    public void Seal() => FrameHeader.Seal(Bytes, Type, new System.IO.Hashing.XxHash3());
}
