namespace RsyncFs.Protocol.Messages;

/// <summary>The receiver has room for this many more bytes of <see cref="Delta"/> payload.</summary>
/// <param name="Bytes">How many more.</param>
public sealed record Credit(long Bytes) : Message;
