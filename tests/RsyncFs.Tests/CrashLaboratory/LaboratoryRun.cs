using System.Diagnostics;

namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>Many cases, on all processors, until there were enough states or one case failed.</summary>
/// <param name="seed">The first case's seed; the others follow.</param>
/// <param name="stories">Which stories are told.</param>
internal sealed class LaboratoryRun(ulong seed, IReadOnlyList<string> stories)
{
    private readonly Lock _lock = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private long _next = -1;

    /// <summary>What was done.</summary>
    public LaboratoryCount Count { get; } = new();

    /// <summary>The case that failed first; null if none did.</summary>
    public CaseId? Failed { get; private set; }

    /// <summary>How it failed.</summary>
    public ViolationException? Violation { get; private set; }

    public TimeSpan Elapsed => _watch.Elapsed;

    /// <summary>States in a second.</summary>
    public double Rate => Count.States / Math.Max(0.001, Elapsed.TotalSeconds);

    /// <summary>Runs cases until there were <paramref name="states"/> states, or the time is over.</summary>
    public void Run(long states, TimeSpan limit, int threadCount, CancellationToken cancellationToken)
    {
        var threads = Enumerable
            .Range(0, threadCount)
            .Select(_ => new Thread(() =>
            {
                while (!IsOver(states, limit) && !cancellationToken.IsCancellationRequested)
                {
                    RunNext();
                }
            }))
            .ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        _watch.Stop();
    }

    /// <summary>The case of that number.</summary>
    public CaseId CaseOf(long number)
    {
        // Every second case crashes; of the others, each fails in its own way.
        var story = stories[(int)(number / 2 % stories.Count)];
        var round = number / 2 / stories.Count;
        var mode =
            number % 2 == 0 ? CaseMode.Crash : (CaseMode)(1 + (int)(round % ((int)CaseMode.StrayWrite)));
        return new CaseId(story, mode, seed + (ulong)number, (int)(round % 4));
    }

    private void RunNext()
    {
        var id = CaseOf(Interlocked.Increment(ref _next));
        var count = new LaboratoryCount();
        var violation = Run(id, count, isTraced: false);
        lock (_lock)
        {
            Count.Add(count);
            if (violation is not null && Failed is null)
            {
                (Failed, Violation) = (id, violation);
            }
        }
    }

    /// <summary>Runs one case; null if nothing was broken.</summary>
    public static ViolationException? Run(CaseId id, LaboratoryCount count, bool isTraced)
    {
        try
        {
            return new Case(id, count, isTraced).Run();
        }
        catch (Exception defect)
        {
            // A defect of the engine is a find as well.
            return new ViolationException("exception", defect.ToString());
        }
    }

    private bool IsOver(long states, TimeSpan limit)
    {
        lock (_lock)
        {
            return Failed is not null || Count.States >= states || Elapsed >= limit;
        }
    }
}
