using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>The typed content of one frame.</summary>
public abstract record Message
{
    /// <summary>The type in the frame's header.</summary>
    internal abstract MessageType Type { get; }

    /// <summary>Appends the fields in the order of the message's table.</summary>
    /// <exception cref="ArgumentException">A field breaks a limit, or no format is given where one is needed.</exception>
    internal abstract void Write(ByteWriter writer, SessionFormat? format);
}
