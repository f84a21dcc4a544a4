using RsyncFs.Cli.Configuration;

namespace RsyncFs.Cli.Json;

/// <summary>What <c>rsyncfs config show --json</c> prints: one document.</summary>
internal sealed record ConfigDocument
{
    /// <summary>The version of the form.</summary>
    public int V { get; init; } = 1;

    /// <summary>The first of the files.</summary>
    public required string File { get; init; }

    /// <summary>The jobs, in the order of the files.</summary>
    public required IReadOnlyList<JobEntry> Jobs { get; init; }

    /// <summary>Makes the document.</summary>
    public static ConfigDocument Of(Config config, IReadOnlyList<Job> jobs, bool withDefaults) =>
        new() { File = config.Path, Jobs = [.. jobs.Select(job => JobEntry.Of(job, withDefaults))] };
}
