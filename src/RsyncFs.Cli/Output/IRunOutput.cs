using RsyncFs.Errors;

namespace RsyncFs.Cli.Output;

/// <summary>What a run tells: words for people or events for programs. Disposing it leaves the terminal tidy.</summary>
internal interface IRunOutput : IProgress<CycleProgress>, IDisposable
{
    /// <summary>Says that the run begins.</summary>
    void Start(bool isDryRun);

    /// <summary>Says what a person should look at though the run goes on.</summary>
    void Warn(string message);

    /// <summary>Says what a hook said.</summary>
    /// <param name="hook">What people call it.</param>
    /// <param name="line">A line of it.</param>
    /// <param name="isError">True if it came on its standard error.</param>
    void Hear(string hook, string line, bool isError);

    /// <summary>Says why a cycle of a job failed, where other jobs go on.</summary>
    void Fail(RsyncFsException error, ExitCode code);

    /// <summary>Says what a cycle did.</summary>
    void Finish(CycleReport report);

    /// <summary>Says what a comparison found.</summary>
    void Finish(VerifyReport report);
}
