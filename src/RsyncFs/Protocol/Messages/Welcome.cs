namespace RsyncFs.Protocol.Messages;

/// <summary>Answer to <see cref="Hello"/>.</summary>
/// <param name="Version">The protocol version of this session.</param>
/// <param name="Software">Program and version, for logs only.</param>
/// <param name="Node">The receiver's name of itself, for logs only.</param>
public sealed record Welcome(ushort Version, string Software, string Node) : Message;
