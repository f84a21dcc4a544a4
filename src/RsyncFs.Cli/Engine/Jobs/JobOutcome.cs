using RsyncFs.Cli.Configuration;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>How a cycle of one destination ended.</summary>
/// <param name="Job">The job.</param>
/// <param name="To">The destination.</param>
/// <param name="Code">The code with which a process would end that had done nothing else.</param>
internal sealed record JobOutcome(Job Job, JobDestination To, ExitCode Code)
{
    /// <summary>True if the destination is as it should be, or will be by another run.</summary>
    public bool IsOk => Code == ExitCode.Ok;
}
