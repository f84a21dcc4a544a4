namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>A cycle of a job that has begun.</summary>
internal sealed class BegunCycle : IAsyncDisposable
{
    private readonly JobSource _source;
    private readonly CycleEnd _end;

    /// <summary>Begins it.</summary>
    /// <param name="source">What its destinations share.</param>
    /// <param name="end">Ends it.</param>
    /// <param name="work">For each of them.</param>
    public BegunCycle(JobSource source, CycleEnd end, IEnumerable<Func<Task<JobOutcome>>> work)
    {
        (_source, _end) = (source, end);
        // Devices block the thread that works on them.
        Outcomes = [.. work.Select(one => Task.Run(one, CancellationToken.None))];
    }

    /// <summary>How each destination ends, in their order. Cancelled ones leave the target as a <c>sync</c> does that was ended.</summary>
    public IReadOnlyList<Task<JobOutcome>> Outcomes { get; }

    /// <summary>The next cycle of the others begins. Those that are at work go on with the snapshot that they have.</summary>
    /// <param name="limit">For so long, when others have got further.</param>
    public void LeaveBehind(TimeSpan limit)
    {
        _source.LeaveBehind();
        _end.LeaveBehind(limit);
    }

    /// <summary>Another destination has got further: those that were left behind have no more than their limit from now on.</summary>
    public void BeginLimit() => _end.BeginLimit();

    /// <summary>Waits until all have ended, whatever became of them.</summary>
    public async ValueTask DisposeAsync()
    {
        await ((Task)Task.WhenAll(Outcomes)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }
}
