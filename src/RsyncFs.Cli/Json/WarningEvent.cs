namespace RsyncFs.Cli.Json;

/// <summary>What a person should look at, though the run goes on.</summary>
internal sealed record WarningEvent() : JsonEvent("warning")
{
    /// <summary>In words.</summary>
    public required string Message { get; init; }
}
