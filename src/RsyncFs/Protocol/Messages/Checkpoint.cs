using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>
/// From the sender: so many records were sent; say when each is staged or refused. From the receiver: they are,
/// every refusal was sent before this, and what is staged is flushed.
/// </summary>
/// <param name="RecordCount">Records sent since the cycle began.</param>
/// <param name="Chain">The chain over them.</param>
public sealed record Checkpoint(long RecordCount, Digest Chain) : Message;
