namespace RsyncFs.Cli.Json;

/// <summary>The receiver accepts senders.</summary>
internal sealed record ServingEvent() : JsonEvent("serving")
{
    /// <summary>Where it listens, with the port that was chosen.</summary>
    public required string Listen { get; init; }

    /// <summary>The names of its targets.</summary>
    public required IReadOnlyList<string> Targets { get; init; }
}
