using RsyncFs.SystemTests.Fixtures;

namespace RsyncFs.SystemTests.Crashes;

/// <summary>A place in a transaction at which one end is held, so that something can happen exactly there.</summary>
/// <param name="Name">What is being done there.</param>
/// <param name="IsAtReceiver">True if it is the receiver that is held.</param>
/// <param name="Call">The call.</param>
/// <param name="Path">The file, relative to the end's state of this target or source; <c>device</c> is the device.</param>
/// <param name="At">The how-manieth such call.</param>
internal sealed record HoldPoint(string Name, bool IsAtReceiver, string Call, string Path, int At)
{
    private const string Device = "device";

    /// <summary>Before anything of the delta is on its way.</summary>
    public static HoldPoint Scan { get; } = new("scan", IsAtReceiver: false, "pread64", Device, 3);

    /// <summary>A part of the delta has come.</summary>
    public static HoldPoint Stage { get; } = new("stage", IsAtReceiver: true, "openat", "journal", 1);

    /// <summary>The delta is whole, and is about to be durable.</summary>
    public static HoldPoint JournalFlush { get; } =
        new("journal flush", IsAtReceiver: true, "fdatasync", "journal", 1);

    /// <summary>The write that commits.</summary>
    public static HoldPoint CommitPoint { get; } =
        new("commit point", IsAtReceiver: true, "pwrite64", "state", 1);

    /// <summary>In the middle of the writes to the target.</summary>
    public static HoldPoint Apply { get; } = new("apply", IsAtReceiver: true, "pwrite64", Device, 3);

    /// <summary>Behind the target's flush.</summary>
    public static HoldPoint Seal { get; } = new("seal", IsAtReceiver: true, "pwrite64", "map", 1);

    /// <summary>The write that says consistent.</summary>
    public static HoldPoint Settle { get; } = new("settle", IsAtReceiver: true, "pwrite64", "state", 2);

    /// <summary>The sender remembers what it is about to propose.</summary>
    public static HoldPoint Propose { get; } = new("propose", IsAtReceiver: false, "rename", "", 1);

    /// <summary>The sender remembers what the receiver has acknowledged.</summary>
    public static HoldPoint Acknowledge { get; } = new("acknowledge", IsAtReceiver: false, "rename", "", 2);

    /// <summary>All, in the order of a transaction.</summary>
    public static IReadOnlyList<HoldPoint> All { get; } =
    [Scan, Stage, Propose, JournalFlush, CommitPoint, Apply, Seal, Settle, Acknowledge];

    /// <summary>True if the new generation can not be lost any more when this is reached.</summary>
    public bool IsBehindCommit => this == Apply || this == Seal || this == Settle || this == Acknowledge;

    /// <summary>Holds the process there.</summary>
    public Task<CallTracer> HoldAsync(CrashScene scene, RunningProgram process)
    {
        var device = IsAtReceiver ? scene.Target.Path : scene.Source.Path;
        var state = IsAtReceiver ? scene.TargetState : scene.SenderState;
        var path = Path is Device ? device : System.IO.Path.Combine(state, Path);
        return CallTracer.InjectAsync(process.Id, [path], [Call], At, "hold");
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
