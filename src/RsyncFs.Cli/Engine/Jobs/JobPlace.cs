namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>A destination of a job, by their names.</summary>
/// <param name="Job">The job's.</param>
/// <param name="Destination">The destination's.</param>
internal readonly record struct JobPlace(string Job, string Destination);
