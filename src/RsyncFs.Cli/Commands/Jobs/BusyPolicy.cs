namespace RsyncFs.Cli.Commands.Jobs;

/// <summary>What becomes of a job that another run is at work on.</summary>
internal enum BusyPolicy
{
    /// <summary>It counts as failed.</summary>
    Fail,

    /// <summary>It is left to the other run, and counts as done.</summary>
    Skip,

    /// <summary>It waits until the other run has ended.</summary>
    Wait,
}
