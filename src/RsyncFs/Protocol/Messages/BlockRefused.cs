namespace RsyncFs.Protocol.Messages;

/// <summary>A block did not prove; the sender must send it whole.</summary>
/// <param name="BlockIndex">The block.</param>
public sealed record BlockRefused(long BlockIndex) : Message;
