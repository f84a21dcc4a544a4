using RsyncFs.Blocks;
using RsyncFs.Targets;

namespace RsyncFs.Tests.Targets.LineageModel;

/// <summary>
/// One machine with one device, which may be a source, a target, or both in turn. Contents are sets of writes, one
/// bit each: every write is to another block.
/// </summary>
internal sealed record ModelNode
{
    public ulong Content { get; init; }

    public ModelSender? Sender { get; init; }

    public ModelBackup? Backups { get; init; }

    public TargetRecord? Target { get; init; }

    /// <summary>True if somebody other than the receiver may write the device.</summary>
    public bool IsInUse { get; init; }

    /// <summary>Not known to the program: writes on this device that a person has said may be lost.</summary>
    public ulong Discardable { get; init; }

    /// <summary>Not known to the program: what the device held when a cycle onto it last ended.</summary>
    public ulong Received { get; init; }

    /// <summary>Not known to the program: it was promoted, and nobody has said since that it is to be overwritten.</summary>
    public bool IsProtected { get; init; }

    /// <summary>Not known to the program: the newest primary that this device followed or whose data it gave to others. Nobody older may write it.</summary>
    public ulong FollowedEpoch { get; init; }

    public bool IsPrimary => Target is { Status: TargetStatus.Primary };

    public bool HoldsDevice => Target is { } target && target.Status.HoldsDevice();

    /// <summary>The node with another state of its sender; the old one can be restored.</summary>
    public ModelNode WithSender(ModelSender? sender) =>
        sender == Sender ? this : this with { Sender = sender, Backups = new ModelBackup(Sender, Backups) };
}
