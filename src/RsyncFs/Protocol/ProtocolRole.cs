namespace RsyncFs.Protocol;

/// <summary>Which end of a session somebody is. Every message has its direction, and comes from that end only.</summary>
[Flags]
public enum ProtocolRole
{
    /// <summary>No end.</summary>
    None = 0,

    /// <summary>The end that has the source, and that connects.</summary>
    Sender = 1,

    /// <summary>The end that owns the target, and that is connected to.</summary>
    Receiver = 2,

    /// <summary>Either end: the few messages that go both ways.</summary>
    Both = Sender | Receiver,
}
