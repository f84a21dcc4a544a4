namespace RsyncFs.Protocol.Messages;

/// <summary>First message of a session, sender to receiver.</summary>
/// <param name="MinVersion">The oldest protocol version the sender speaks.</param>
/// <param name="MaxVersion">The newest.</param>
/// <param name="Software">Program and version, for logs only.</param>
/// <param name="Node">The sender's name of itself, for logs only.</param>
public sealed record Hello(ushort MinVersion, ushort MaxVersion, string Software, string Node) : Message;
