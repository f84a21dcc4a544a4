using RsyncFs.Errors;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>Somebody waits until each destination of a job has had a cycle that began after now.</summary>
/// <param name="destinations">The destinations.</param>
internal sealed class TriggeredCycles(IEnumerable<DestinationSchedule> destinations)
{
    private readonly HashSet<DestinationSchedule> _notBegun = [.. destinations];
    private readonly HashSet<DestinationSchedule> _atWork = [];
    private readonly List<ExitCode> _codes = [];
    private readonly TaskCompletionSource<IReadOnlyList<ExitCode>> _ended = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    /// <summary>The codes, when all have ended.</summary>
    public Task<IReadOnlyList<ExitCode>> Ended => _ended.Task;

    /// <summary>A cycle begins.</summary>
    public void Begin(DestinationSchedule destination)
    {
        if (_notBegun.Remove(destination))
        {
            _atWork.Add(destination);
        }
    }

    /// <summary>It ended.</summary>
    public void End(DestinationSchedule destination, ExitCode code)
    {
        if (!_atWork.Remove(destination))
        {
            return;
        }

        _codes.Add(code);
        if (_notBegun.Count + _atWork.Count == 0)
        {
            _ended.TrySetResult(_codes);
        }
    }

    /// <summary>The job ends: there will be no more.</summary>
    public void GiveUp() =>
        _ended.TrySetException(
            new RsyncFsException(ErrorId.Interrupted, "the job was ended before its cycle was")
            {
                Hint = "is the loop still running, and the job in its configuration?",
            }
        );
}
