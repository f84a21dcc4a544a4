using RsyncFs.Cli.Output.Logs;

namespace RsyncFs.Cli.Output;

/// <summary>What a run is called in everything it prints.</summary>
/// <param name="Source">The source as it was written.</param>
/// <param name="Destination">The destination as it was written; of a job, its name.</param>
internal sealed record RunTitle(string Source, string Destination)
{
    /// <summary>The job that it is a part of; null if a command line named both ends.</summary>
    public string? Job { get; init; }

    /// <summary>The same for programs.</summary>
    public IReadOnlyList<LogField> Fields =>
        [
            Job is null ? new LogField("source", Source) : new LogField("job", Job),
            new LogField("dest", Destination),
        ];

    /// <summary><c>source → destination</c>, of a job <c>job → destination</c>.</summary>
    public override string ToString() => $"{Job ?? Source} → {Destination}";
}
