namespace RsyncFs.Cli.Json;

/// <summary>A hook said something.</summary>
internal sealed record HookEvent() : JsonEvent("hook")
{
    /// <summary>What people call it.</summary>
    public required string Hook { get; init; }

    /// <summary>A line of it.</summary>
    public required string Line { get; init; }

    /// <summary>True if it came on its standard error.</summary>
    public required bool IsError { get; init; }
}
