namespace RsyncFs.Blocks;

/// <summary>What follows from a target's status alone.</summary>
public static class TargetStatusRules
{
    /// <summary>True if the device may be a mix of generations, because writing it in place did not end.</summary>
    public static bool IsInconsistent(this TargetStatus status) =>
        status is TargetStatus.Initializing or TargetStatus.Direct;

    /// <summary>True if the device may hold no generation at all: written in place, or between two of them.</summary>
    public static bool MayBeMixed(this TargetStatus status) =>
        status.IsInconsistent() || status is TargetStatus.Committed or TargetStatus.Faulted;

    /// <summary>True if nothing that is remembered of the device's content may be believed: it must be read and compared.</summary>
    public static bool MustBeCompared(this TargetStatus status) =>
        status is TargetStatus.Diverged or TargetStatus.Adopted || status.IsInconsistent();

    /// <summary>True if the receiver holds the device; false once it was given up.</summary>
    public static bool HoldsDevice(this TargetStatus status) =>
        status is not (TargetStatus.Primary or TargetStatus.Released);
}
