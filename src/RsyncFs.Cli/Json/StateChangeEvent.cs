namespace RsyncFs.Cli.Json;

/// <summary><c>serve</c>: a person changed what a target is. See <see cref="TargetChangeDocument"/>.</summary>
internal sealed record StateChangeEvent() : JsonEvent("state_change")
{
    /// <summary>The target.</summary>
    public required string Target { get; init; }

    /// <summary>The verb.</summary>
    public required string Verb { get; init; }

    /// <summary>What was done.</summary>
    public required string Status { get; init; }

    /// <summary>What the target was.</summary>
    public string? Was { get; init; }

    /// <summary>What it is.</summary>
    public string? Is { get; init; }

    /// <summary>The fencing number.</summary>
    public ulong? Epoch { get; init; }

    /// <summary><c>rename</c>: its name from now on.</summary>
    public string? NewName { get; init; }
}
