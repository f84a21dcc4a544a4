using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace RsyncFs.SystemTests.Jobs.CompressedMonth;

/// <summary>Counts what happened, and prints it.</summary>
internal sealed partial class MonthTally
{
    // None of these may come of cuts, restarts, full disks and verbs.
    private static readonly string[] Defects =
    [
        "bug",
        "state-damaged",
        "root-mismatch",
        "epoch-ahead",
        "split-brain",
    ];

    private readonly SortedDictionary<Trouble, int> _troubles = [];
    private readonly SortedDictionary<string, int> _refusals = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _receiverFailures = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _failures = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _cycles = new(StringComparer.Ordinal);
    private readonly List<MonthCensus> _days = [];
    private long _sentBytes;

    /// <summary>What was last refused, with its reason.</summary>
    public string LastWord { get; private set; } = "";

    /// <summary>What was counted at the end of each day.</summary>
    public IReadOnlyList<MonthCensus> Days => _days;

    /// <summary>Failures that nothing of this may bring about, by their id.</summary>
    public IReadOnlyList<string> DefectsFound =>
        [
            .. _failures
                .Keys.Concat(_receiverFailures.Keys)
                .Concat(_refusals.Keys.Select(key => key.Split(' ')[1]))
                .Intersect(Defects, StringComparer.Ordinal),
        ];

    /// <summary>Cycles that ended as they should.</summary>
    public int GoodCycleCount =>
        _cycles
            .Where(cycle => !cycle.Key.Equals("failed", StringComparison.Ordinal))
            .Sum(cycle => cycle.Value);

    /// <summary>Trouble was made.</summary>
    public void Add(Trouble trouble) => _troubles[trouble] = _troubles.GetValueOrDefault(trouble) + 1;

    /// <summary>A day has ended.</summary>
    public void Add(MonthCensus day) => _days.Add(day);

    /// <summary>A verb was refused.</summary>
    public void AddRefusal(string verb, string error)
    {
        LastWord = error;
        Count(_refusals, error, $"{verb} ");
    }

    /// <summary>All that a receiver said on standard error.</summary>
    public void AddLog(string log) => Count(_receiverFailures, log, prefix: "");

    /// <summary>All that the loop said with <c>--json</c>.</summary>
    public void AddEvents(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            var isSummary = line.Contains("\"type\":\"summary\"", StringComparison.Ordinal);
            if (
                (!isSummary && !line.Contains("\"type\":\"error\"", StringComparison.Ordinal))
                || !line.EndsWith('}')
            )
            {
                continue;
            }

            using var document = JsonDocument.Parse(line);
            var happened = document.RootElement;
            if (isSummary)
            {
                AddOne(_cycles, happened.GetProperty("result").GetString()!);
                _sentBytes += happened.GetProperty("sent").GetInt64();
            }
            else
            {
                AddOne(_cycles, "failed");
                AddOne(_failures, happened.GetProperty("id").GetString()!);
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append($"trouble      {Of(_troubles)}\n");
        text.Append($"cycles       {Of(_cycles)}; {_sentBytes / 1024} KiB sent\n");
        text.Append($"failed       {Of(_failures)}\n");
        text.Append($"at receivers {Of(_receiverFailures)}\n");
        text.Append($"refused      {Of(_refusals)}\n");
        text.Append(MonthCensus.Heading).Append('\n');
        foreach (var (number, day) in _days.Index())
        {
            text.Append(day.ToText(number + 1));
        }

        return text.ToString();
    }

    private static string Of<T>(SortedDictionary<T, int> counts)
        where T : notnull => string.Join(", ", counts.Select(entry => $"{entry.Key} {entry.Value}"));

    private static void Count(SortedDictionary<string, int> counts, string log, string prefix)
    {
        foreach (Match match in ErrorEnd().Matches(log))
        {
            AddOne(counts, prefix + match.Groups["id"].Value);
        }
    }

    private static void AddOne(SortedDictionary<string, int> counts, string key) =>
        counts[key] = counts.GetValueOrDefault(key) + 1;

    [GeneratedRegex(
        @"\[(?<id>[a-z]+(-[a-z]+)*)\]$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        10_000
    )]
    private static partial Regex ErrorEnd();
}
