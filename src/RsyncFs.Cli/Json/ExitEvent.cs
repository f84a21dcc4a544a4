namespace RsyncFs.Cli.Json;

/// <summary>The last line: how the process ends.</summary>
internal sealed record ExitEvent() : JsonEvent("exit")
{
    /// <summary>The exit code.</summary>
    public required int Code { get; init; }
}
