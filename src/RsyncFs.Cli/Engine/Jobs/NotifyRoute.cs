using RsyncFs.Cli.Configuration;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>
/// Decides what is told by one rule: what goes wrong once, and again after a time; that all is well at most so often.
/// For several threads.
/// </summary>
/// <param name="rule">The rule.</param>
/// <param name="send">Tells it.</param>
/// <param name="clock">Tells time.</param>
internal sealed class NotifyRoute(
    NotifyRule rule,
    Action<NotifyEvent, IReadOnlyDictionary<string, string>> send,
    TimeProvider clock
)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<JobPlace, Condition> _conditions = [];
    private readonly HashSet<JobPlace> _expected = [];
    private readonly HashSet<JobPlace> _well = [];
    private long? _pingedAt;

    // Whoever wants no trouble told but its end hears of the end of any.
    private bool HearsOfNoTrouble =>
        !rule.On.Any(wanted => wanted is NotifyEvent.Failed or NotifyEvent.Fenced or NotifyEvent.Lagging);

    /// <summary>From now on these are the destinations that there are.</summary>
    public void Expect(IEnumerable<JobPlace> places)
    {
        lock (_gate)
        {
            _expected.Clear();
            _expected.UnionWith(places.Where(place => rule.IsFor(place.Job)));
            _well.IntersectWith(_expected);
            foreach (var gone in _conditions.Keys.Except(_expected).ToList())
            {
                _conditions.Remove(gone);
            }
        }
    }

    /// <summary>A cycle began.</summary>
    public void Begin(JobPlace place, IReadOnlyDictionary<string, string> variables)
    {
        lock (_gate)
        {
            if (
                Of(place) is { } it
                && rule.On.Contains(NotifyEvent.Start)
                && IsOver(it.BegunToldAt, rule.Every)
            )
            {
                it.BegunToldAt = clock.GetTimestamp();
                send(NotifyEvent.Start, variables);
            }
        }
    }

    /// <summary>A destination is in trouble.</summary>
    /// <param name="place">The destination.</param>
    /// <param name="trouble">What trouble.</param>
    /// <param name="variables">What is known of it.</param>
    public void Trouble(JobPlace place, NotifyEvent trouble, IReadOnlyDictionary<string, string> variables)
    {
        lock (_gate)
        {
            if (Of(place) is not { } it)
            {
                return;
            }

            _well.Remove(place);
            it.IsBad |= HearsOfNoTrouble;
            var told =
                trouble == NotifyEvent.Fenced && !rule.On.Contains(NotifyEvent.Fenced)
                    ? NotifyEvent.Failed
                    : trouble;
            if (!rule.On.Contains(told) || !IsOver(it.ToldAt(told), rule.RemindEvery))
            {
                return;
            }

            it.Tell(told, clock.GetTimestamp());
            send(told, variables);
        }
    }

    /// <summary>A cycle ended as it should.</summary>
    public void Succeed(JobPlace place, IReadOnlyDictionary<string, string> variables)
    {
        lock (_gate)
        {
            if (Of(place) is not { } it)
            {
                return;
            }

            if (it.IsBad && rule.On.Contains(NotifyEvent.Recovered))
            {
                send(NotifyEvent.Recovered, variables);
            }

            it.Recover();
            if (!rule.On.Contains(NotifyEvent.Success))
            {
                return;
            }

            if (rule.Ping is null)
            {
                if (IsOver(it.SuccessToldAt, rule.Every))
                {
                    it.SuccessToldAt = clock.GetTimestamp();
                    send(NotifyEvent.Success, variables);
                }

                return;
            }

            // An address can not be told which of them is well: it is told when all have been, each anew.
            _well.Add(place);
            if (_expected.IsSubsetOf(_well) && IsOver(_pingedAt, rule.Every))
            {
                _well.Clear();
                _pingedAt = clock.GetTimestamp();
                send(NotifyEvent.Success, variables);
            }
        }
    }

    private Condition? Of(JobPlace place)
    {
        if (!_expected.Contains(place))
        {
            return null;
        }

        if (!_conditions.TryGetValue(place, out var condition))
        {
            condition = new Condition();
            _conditions.Add(place, condition);
        }

        return condition;
    }

    private bool IsOver(long? at, TimeSpan time) =>
        at is not { } begin || clock.GetElapsedTime(begin) >= time;

    private sealed class Condition
    {
        private readonly Dictionary<NotifyEvent, long> _toldAt = [];

        public bool IsBad { get; set; }

        public long? BegunToldAt { get; set; }

        public long? SuccessToldAt { get; set; }

        public long? ToldAt(NotifyEvent told) => _toldAt.TryGetValue(told, out var at) ? at : null;

        public void Tell(NotifyEvent told, long at)
        {
            IsBad = true;
            _toldAt[told] = at;
        }

        public void Recover()
        {
            IsBad = false;
            _toldAt.Clear();
        }
    }
}
