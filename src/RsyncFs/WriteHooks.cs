namespace RsyncFs;

/// <summary>What the owner of a receiver wants done about the writes of a generation to one of its targets.</summary>
public sealed record WriteHooks
{
    /// <summary>Called with the generation before its first byte is written to the target: an update before its commit point, a copy in place before it begins. What it throws refuses the generation; the target is as it was.</summary>
    public required Func<Guid, CancellationToken, Task> Before { get; init; }

    /// <summary>Called once after each call of <see cref="Before"/>, whatever became of that and of the writes, and when nothing is at work on the target any more. Gives what failed and is to fail the session; null if nothing is.</summary>
    public required Func<Task<Exception?>> After { get; init; }

    /// <summary>Called with a generation that the target is at, and whether it differs from the one before. What it throws fails the session; the target stays at the generation.</summary>
    public required Func<Guid, bool, CancellationToken, Task> Committed { get; init; }
}
