namespace RsyncFs.Targets;

/// <summary>What a commit is busy with; each has its own deadline for making no progress.</summary>
internal enum UpdateStep
{
    /// <summary>Checking the whole, and writing it onto the target.</summary>
    Apply,

    /// <summary>Waiting for the storage to say that it is durable. Says nothing until it is over.</summary>
    Flush,
}
