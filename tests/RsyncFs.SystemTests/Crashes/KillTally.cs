using System.Globalization;
using System.Text;
using RsyncFs.SystemTests.Fixtures;

namespace RsyncFs.SystemTests.Crashes;

/// <summary>Adds rounds up, and prints them as a table.</summary>
internal sealed class KillTally
{
    private readonly List<KillRound> _rounds = [];

    /// <summary>Adds a round.</summary>
    public void Add(KillRound round) => _rounds.Add(round);

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        Line(text, "killed", "in phase", "rounds", "then N", "then N+1", "unfinished", "not seen", "resumed");
        foreach (
            var group in _rounds
                .GroupBy(round => (round.Victim, round.Phase))
                .OrderBy(group => group.Key.Victim)
                .ThenBy(group => group.Key.Phase, StringComparer.Ordinal)
        )
        {
            Row(text, group.Key.Victim.ToString().ToLowerInvariant(), group.Key.Phase, [.. group]);
        }

        Row(text, "sum", "", _rounds);
        text.Append(
            CultureInfo.InvariantCulture,
            $"{_rounds.Count(round => round.WasAcknowledged)} rounds were acknowledged before the kill, {_rounds.Sum(round => round.RecoveryKillCount)} recoveries were killed as well\n"
        );
        return text.ToString();
    }

    private static void Row(StringBuilder text, string victim, string phase, List<KillRound> rounds) =>
        Line(
            text,
            victim,
            phase,
            Text(rounds.Count),
            Text(rounds.Count(round => round.Recovered == Held.Old)),
            Text(rounds.Count(round => round.Recovered == Held.New)),
            Text(rounds.Count(round => round.Recovered == Held.Mix)),
            Text(rounds.Count(round => round.Recovered is null)),
            Text(rounds.Count(round => round.IsResumed))
        );

    private static void Line(StringBuilder text, params string[] words) =>
        text.Append(words[0].PadRight(10))
            .Append(words[1].PadRight(14))
            .AppendJoin("", words[2..].Select(word => word.PadLeft(12)))
            .Append('\n');

    private static string Text(int count) => count.ToString(CultureInfo.InvariantCulture);
}
