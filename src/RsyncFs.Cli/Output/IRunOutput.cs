using RsyncFs.Errors;

namespace RsyncFs.Cli.Output;

/// <summary>What a run tells: words for people or events for programs. Disposing it leaves the terminal tidy.</summary>
internal interface IRunOutput : IHookLog, IProgress<CycleProgress>, IDisposable
{
    /// <summary>Says that the run begins.</summary>
    void Start(bool isDryRun);

    /// <summary>Says why a cycle of a job failed, where other jobs go on.</summary>
    void Fail(RsyncFsException error, ExitCode code);

    /// <summary>Says what a cycle did.</summary>
    void Finish(CycleReport report);

    /// <summary>Says what a comparison found.</summary>
    void Finish(VerifyReport report);
}
