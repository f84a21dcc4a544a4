using RsyncFs.Cli.Engine.Jobs;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output.Logs;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Output;

/// <summary>
/// What a loop tells: what changed, what fails and what works again; of all else a line every ten minutes. A cycle every
/// few seconds would fill any log.
/// </summary>
internal sealed class LoopLog(Terminal terminal, OutputSettings settings)
{
    private readonly LogWriter _log = new(terminal, settings);
    private readonly Lock _gate = new();
    private readonly Dictionary<string, DestinationLog> _destinations = new(StringComparer.Ordinal);

    /// <summary>As in <see cref="Terminal.RunId"/>.</summary>
    public string RunId => terminal.RunId;

    /// <summary>What programs say that tell somebody of jobs.</summary>
    public IHookLog Programs { get; } = new ProcessLog(terminal, settings);

    /// <summary>The jobs begin.</summary>
    public void Ready(int jobCount, IReadOnlyList<string> paused) =>
        Say(
            "ready",
            $"looping; jobs: {jobCount}"
                + (
                    paused.Count == 0
                        ? ""
                        : $"; paused, 'rsyncfs resume' ends that: {string.Join(' ', paused)}"
                )
        );

    /// <summary>Where a cycle is told.</summary>
    public IRunOutput Open(RunTitle title)
    {
        var inner = RunOutput.Open(terminal, settings, title);
        if (settings.Json || settings.Verbosity > 0)
        {
            return inner;
        }

        lock (_gate)
        {
            var name = title.ToString();
            if (!_destinations.TryGetValue(name, out var log))
            {
                log = new DestinationLog(terminal, _log, title);
                _destinations.Add(name, log);
            }

            return new LoopOutput(inner, log);
        }
    }

    /// <summary>The configuration was read again.</summary>
    public void Reloaded(int jobCount) =>
        Say("reloaded", $"the configuration was read again; jobs: {jobCount}");

    /// <summary>It was not, for it can not be used.</summary>
    public void NotReloaded(RsyncFsException wrong)
    {
        new Failure(wrong, wrong.ExitCode).PrintOnly(terminal, settings);
        Say("not_reloaded", "the configuration was not read again: all goes on as it was");
    }

    /// <summary>Jobs were paused, or are not any more.</summary>
    public void Paused(IReadOnlyList<string> jobs, DateTimeOffset? until) =>
        Say(
            until is null ? "resumed" : "paused",
            until is not { } time ? $"resumed: {string.Join(' ', jobs)}"
                : time == DateTimeOffset.MaxValue ? $"paused until somebody resumes: {string.Join(' ', jobs)}"
                : $"paused until {time:yyyy-MM-ddTHH:mm:ssZ}: {string.Join(' ', jobs)}"
        );

    /// <summary>Somebody said how fast may be sent.</summary>
    public void Limited(string rate, IReadOnlyList<string> ways) =>
        Say("limited", $"limit {rate}: {string.Join(' ', ways)}");

    /// <summary>SIGUSR2 came.</summary>
    public void LimitsLifted(bool areLifted) =>
        Say(
            areLifted ? "limits-lifted" : "limits-hold",
            areLifted
                ? "no limit holds until SIGUSR2 comes again"
                : "limits hold again, as they were said or stand in the configuration"
        );

    /// <summary>Somebody asked: a destination that no cycle is at work on.</summary>
    public void Waiting(WaitingDestination there)
    {
        var title = new RunTitle(there.Job.Device, there.To.Name) { Job = there.Job.Name };
        if (settings.Json)
        {
            new JsonLines(terminal, there.Job.Name).Write(WaitingEvent.Of(there));
            return;
        }

        _log.WriteAsked(
            new LogLine(LogLevel.Info, "waiting", there.ToString())
            {
                Human = $"{title}: {there}",
                About = title.Fields,
                Fields =
                [
                    LogField.Of("failures", there.FailureCount),
                    .. there.Left is { } left ? [LogField.Of("next", left)] : Array.Empty<LogField>(),
                ],
            }
        );
    }

    /// <summary>Has <paramref name="tell"/> called when somebody asks how it goes, until what this gives is disposed of.</summary>
    public IDisposable WhenAsked(Action tell) => terminal.Status.Add(tell);

    private void Say(string name, string message)
    {
        if (!settings.Json)
        {
            _log.Write(new LogLine(LogLevel.Info, name, message) { Human = $"rsyncfs: {message}" });
        }
    }
}
