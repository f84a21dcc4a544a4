namespace RsyncFs.Protocol.Messages;

/// <summary>Sent by both ends when nothing else was for a while.</summary>
/// <param name="Phase">What the end is busy with.</param>
/// <param name="Progress">A number that grows while it gets anywhere.</param>
public sealed record Heartbeat(SessionPhase Phase, long Progress) : Message;
