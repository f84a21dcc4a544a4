using RsyncFs.Cli.Arguments;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>
/// What people say, while a loop runs, of how fast may be sent: of a job, of a receiver, or of one way. The last word
/// that is about a way counts, and holds until it is taken back or the loop ends; reading the configuration again does
/// not take it back.
/// </summary>
internal sealed class LimitBook
{
    private readonly Lock _gate = new();
    private readonly List<Word> _words = [];
    private bool _isLifted;

    /// <summary>How fast may be sent on a way: as somebody said, or else as <paramref name="schedule"/> says.</summary>
    public RateControl ControlOf(JobWay way, RateSchedule schedule) => new(schedule, () => SaidOf(way));

    /// <summary>What somebody said of a way; null if nobody did.</summary>
    public Rate? SaidOf(JobWay way)
    {
        lock (_gate)
        {
            // What was said behind the signal is newer than it.
            var last = _words.FindLast(word => word.IsAbout(way) && (!_isLifted || word.WhileLifted));
            return last?.Rate ?? (_isLifted ? Rate.Unlimited : null);
        }
    }

    /// <summary>Notes what somebody says of a name.</summary>
    /// <param name="name">A job, a destination, or both with a slash between them.</param>
    /// <param name="rate">The rate; null for what the configuration says.</param>
    /// <param name="ways">The ways that there are.</param>
    /// <returns>Those that it is about.</returns>
    /// <exception cref="RsyncFsException">There is no such name, or it may mean either.</exception>
    public IReadOnlyList<JobWay> Say(string name, Rate? rate, IReadOnlyList<JobWay> ways)
    {
        var about = Find(name, ways);
        lock (_gate)
        {
            // What was said of a part of it is overruled, too, and would come back unasked with the next word.
            _words.RemoveAll(word =>
                string.Equals(word.Name, name, StringComparison.Ordinal)
                || (word.IsOfOneWay && about.Any(word.IsAbout))
            );
            if (rate is { } some)
            {
                _words.Add(new Word(name, some, _isLifted));
            }
        }

        return about;
    }

    /// <summary>Lifts all limits, or lets them hold again; true if they are lifted now.</summary>
    public bool Toggle()
    {
        lock (_gate)
        {
            _isLifted = !_isLifted;
            if (!_isLifted)
            {
                _words.ForEach(word => word.WhileLifted = false);
            }

            return _isLifted;
        }
    }

    private static List<JobWay> Find(string name, IReadOnlyList<JobWay> ways)
    {
        var ofJob = ways.Where(way => string.Equals(way.Job, name, StringComparison.Ordinal)).ToList();
        var ofPlace = ways.Where(way => string.Equals(way.To, name, StringComparison.Ordinal)).ToList();
        if (ofJob.Count > 0 && ofPlace.Count > 0)
        {
            throw new RsyncFsException(ErrorId.Usage, $"'{name}' is a job and a receiver")
            {
                Hint = $"say which way: {string.Join("  ", ofJob.Concat(ofPlace).Distinct())}",
            };
        }

        List<JobWay> found =
        [
            .. ofJob,
            .. ofPlace,
            .. ways.Where(way => string.Equals(way.ToString(), name, StringComparison.Ordinal)),
        ];
        return found.Count > 0 ? found : throw Unknown(name, ways);
    }

    private static RsyncFsException Unknown(string name, IReadOnlyList<JobWay> ways)
    {
        var names = ways.Select(way => way.Job)
            .Concat(ways.Select(way => way.To))
            .Distinct(StringComparer.Ordinal)
            .ToList();
        return new RsyncFsException(ErrorId.Usage, $"the loop has no job and no receiver '{name}'")
        {
            Hint = NearestWord.Find(name, names) is { } nearest
                ? $"did you mean '{nearest}'?"
                : $"it has: {string.Join(' ', names)}",
        };
    }

    private sealed class Word(string name, Rate rate, bool whileLifted)
    {
        public string Name => name;

        public Rate Rate => rate;

        /// <summary>True if it was said while all limits were lifted.</summary>
        public bool WhileLifted { get; set; } = whileLifted;

        /// <summary>True if it is of one way, and not of all of a job or of a receiver.</summary>
        public bool IsOfOneWay => name.IndexOf('/', StringComparison.Ordinal) > 0;

        public bool IsAbout(JobWay way) =>
            string.Equals(name, way.Job, StringComparison.Ordinal)
            || string.Equals(name, way.To, StringComparison.Ordinal)
            || string.Equals(name, way.ToString(), StringComparison.Ordinal);
    }
}
