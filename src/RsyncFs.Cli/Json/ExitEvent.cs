namespace RsyncFs.Cli.Json;

/// <summary>The last line: how the process ends.</summary>
internal sealed record ExitEvent() : JsonEvent("exit")
{
    /// <summary>The exit code.</summary>
    public required int Code { get; init; }

    /// <summary><c>run</c>: destinations that are as they should be.</summary>
    public int? Ok { get; init; }

    /// <summary><c>run</c>: destinations that are not.</summary>
    public int? Failed { get; init; }
}
