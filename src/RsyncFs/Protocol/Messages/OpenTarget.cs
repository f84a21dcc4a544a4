using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>Names the target and shows the source. Sender to receiver.</summary>
/// <param name="Purpose">What the session is for.</param>
/// <param name="Target">The target's name at the receiver.</param>
/// <param name="LengthBytes">Bytes of the source.</param>
/// <param name="Volume">The volume that the source is.</param>
/// <param name="IsNewVolume">True if the sender never replicated this source: the volume was made up for this session, and the target's own is as good.</param>
public sealed record OpenTarget(
    Purpose Purpose,
    string Target,
    long LengthBytes,
    Volume Volume,
    bool IsNewVolume
) : Message;
