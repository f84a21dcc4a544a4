using RsyncFs.Errors;

namespace RsyncFs.Cli.Output;

/// <summary>A cycle of a loop in words: told where it is news.</summary>
/// <param name="inner">Tells it.</param>
/// <param name="log">Knows what was told before.</param>
internal sealed class LoopOutput(IRunOutput inner, DestinationLog log) : IRunOutput
{
    /// <inheritdoc/>
    public void Start(bool isDryRun) => inner.Start(isDryRun);

    /// <inheritdoc/>
    public void Report(CycleProgress value) => inner.Report(value);

    /// <inheritdoc/>
    public void Warn(string message)
    {
        if (log.IsNews(message))
        {
            inner.Warn(message);
        }
    }

    /// <inheritdoc/>
    public void Hear(string hook, string line, bool isError)
    {
        if (log.IsNews($"{hook}: {line}"))
        {
            inner.Hear(hook, line, isError);
        }
    }

    /// <inheritdoc/>
    public void Fail(RsyncFsException error, ExitCode code)
    {
        if (log.IsNewFailure(error))
        {
            inner.Fail(error, code);
        }
    }

    /// <inheritdoc/>
    public void Finish(CycleReport report)
    {
        if (!report.IsUnchanged)
        {
            inner.Finish(report);
        }

        log.Succeeded(report);
    }

    /// <inheritdoc/>
    public void Finish(VerifyReport report) => inner.Finish(report);

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();
}
