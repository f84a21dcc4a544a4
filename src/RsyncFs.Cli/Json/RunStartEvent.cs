namespace RsyncFs.Cli.Json;

/// <summary>A run begins.</summary>
internal sealed record RunStartEvent() : JsonEvent("run_start")
{
    /// <summary>The source as it was written.</summary>
    public required string Device { get; init; }

    /// <summary>The destination as it was written.</summary>
    public required string Dest { get; init; }

    /// <summary>True if nothing will be written.</summary>
    public required bool DryRun { get; init; }
}
