namespace RsyncFs.Protocol.Messages;

/// <summary>The typed content of one frame.</summary>
public abstract record Message;
