using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>Tells whoever wants to know what jobs live through. Beside the work: no cycle waits for it, or fails by it.</summary>
/// <param name="log">Told what could not be told.</param>
/// <param name="runId">As in <see cref="Terminal.RunId"/>.</param>
/// <param name="clock">Tells time.</param>
internal sealed class Notifier(IHookLog log, string runId, TimeProvider clock) : IAsyncDisposable
{
    // At the end of the process, for all together.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, NotifyRoute> _routes = new(StringComparer.Ordinal);
    private readonly List<NotifyDelivery> _all = [];
    private readonly Dictionary<JobPlace, LagWatch> _watches = [];

    /// <summary>From now on these rules hold, for these jobs. What was told by a rule that is the same stays told.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="jobs">The jobs.</param>
    /// <param name="watchesLag">True if destinations that fall behind are told of: in a process that lives on.</param>
    public void Use(IReadOnlyList<NotifyRule> rules, IReadOnlyList<Job> jobs, bool watchesLag)
    {
        var places = jobs.SelectMany(job => job.To.Select(to => (Job: job, To: to))).ToList();
        lock (_gate)
        {
            var wanted = rules
                .DistinctBy(KeyOf, StringComparer.Ordinal)
                .ToDictionary(KeyOf, StringComparer.Ordinal);
            foreach (var gone in _routes.Keys.Where(key => !wanted.ContainsKey(key)).ToList())
            {
                _routes.Remove(gone);
            }

            foreach (var (key, rule) in wanted.Where(entry => !_routes.ContainsKey(entry.Key)))
            {
                var delivery = new NotifyDelivery(rule, log, clock);
                _all.Add(delivery);
                _routes.Add(key, new NotifyRoute(rule, SendBy(delivery), clock));
            }

            foreach (var route in _routes.Values)
            {
                route.Expect(places.Select(place => PlaceOf(place.Job, place.To)));
            }

            if (watchesLag)
            {
                WatchLag(places);
            }
        }
    }

    /// <summary>A cycle begins.</summary>
    public void Begun(Job job, JobDestination to)
    {
        var variables = VariablesOf(job, to, "a cycle began");
        ForEach(route => route.Begin(PlaceOf(job, to), variables));
    }

    /// <summary>A cycle ended as it should.</summary>
    /// <param name="job">The job.</param>
    /// <param name="to">The destination.</param>
    /// <param name="begunAt">When it began, by the clock: the source was read later.</param>
    /// <param name="report">What it did.</param>
    public void Succeeded(Job job, JobDestination to, long begunAt, CycleReport report)
    {
        var place = PlaceOf(job, to);
        var variables = VariablesOf(job, to, "a cycle ended as it should");
        foreach (var (name, value) in CycleVariables.Of(report))
        {
            variables[name] = value;
        }

        lock (_gate)
        {
            if (_watches.TryGetValue(place, out var watch))
            {
                watch.Begin(begunAt);
            }
        }

        ForEach(route => route.Succeed(place, variables));
    }

    /// <summary>A cycle failed. One that was ended because it had its part is no failure.</summary>
    public void Failed(Job job, JobDestination to, RsyncFsException error)
    {
        if (error.Id == ErrorId.LimitReached)
        {
            return;
        }

        var variables = VariablesOf(job, to, error.Message);
        foreach (var (name, value) in CycleVariables.Of(error))
        {
            variables[name] = value;
        }

        var trouble = error.Id == ErrorId.Fenced ? NotifyEvent.Fenced : NotifyEvent.Failed;
        ForEach(route => route.Trouble(PlaceOf(job, to), trouble, variables));
    }

    /// <summary>Waits until all is told, half a minute at most.</summary>
    public async ValueTask DisposeAsync()
    {
        List<NotifyDelivery> all;
        lock (_gate)
        {
            foreach (var watch in _watches.Values)
            {
                watch.Dispose();
            }

            all = [.. _all];
        }

        var idle = Task.WhenAll(all.Select(delivery => delivery.Idle));
        _ = await Task.WhenAny(idle, Task.Delay(Patience, clock, CancellationToken.None));
        all.ForEach(delivery => delivery.End());
        await idle;
        all.ForEach(delivery => delivery.Dispose());
    }

    private static Action<NotifyEvent, IReadOnlyDictionary<string, string>> SendBy(NotifyDelivery delivery) =>
        (told, variables) =>
            delivery.Send(With(variables, CycleVariables.Event, NotifyReader.Events.WordOf(told)));

    private void WatchLag(List<(Job Job, JobDestination To)> places)
    {
        foreach (
            var gone in _watches.Keys.Except(places.Select(place => PlaceOf(place.Job, place.To))).ToList()
        )
        {
            _watches.Remove(gone, out var watch);
            watch!.Dispose();
        }

        foreach (var (job, to) in places.Where(place => place.Job.Options.Rpo is not null))
        {
            var place = PlaceOf(job, to);
            var rpo = job.Options.Rpo!.Value;
            if (_watches.TryGetValue(place, out var watch))
            {
                watch.Allow(rpo);
                continue;
            }

            _watches.Add(place, new LagWatch(rpo, lag => Lags(job, to, lag), clock));
        }
    }

    private void Lags(Job job, JobDestination to, TimeSpan lag)
    {
        var variables = VariablesOf(job, to, $"behind by {DurationText.Of(lag)}");
        ForEach(route => route.Trouble(PlaceOf(job, to), NotifyEvent.Lagging, variables));
    }

    private void ForEach(Action<NotifyRoute> act)
    {
        List<NotifyRoute> routes;
        lock (_gate)
        {
            routes = [.. _routes.Values];
        }

        routes.ForEach(act);
    }

    private Dictionary<string, string> VariablesOf(Job job, JobDestination to, string message) =>
        With(CycleVariables.Of(job, [to], runId, isDryRun: false), CycleVariables.Message, message);

    private static Dictionary<string, string> With(
        IReadOnlyDictionary<string, string> variables,
        string name,
        string value
    ) => new(variables, StringComparer.Ordinal) { [name] = value };

    private static JobPlace PlaceOf(Job job, JobDestination to) => new(job.Name, to.Name);

    private static string KeyOf(NotifyRule rule) =>
        string.Join('\n', NotifyReader.Said(rule, text => text).Select(said => $"{said.Key}: {said.Text}"));
}
