using RsyncFs.Cli.Arguments;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Output;

/// <summary>What is said when a run has used up what it may take: how much is done, and how to go on.</summary>
internal static class LimitText
{
    private const string Again = "run the same command again: it goes on from there";

    /// <summary>The error for a cycle that was ended.</summary>
    /// <param name="reached">What happened.</param>
    /// <param name="budget">What it may take.</param>
    /// <param name="where">Where it went.</param>
    public static LimitReachedException Of(LimitReachedException reached, RunBudget budget, string where)
    {
        var limit = Words(budget, reached.IsTime);
        var sent = new ByteSize(reached.SentBytes);
        var (message, cause) =
            reached.TotalBytes == 0
                ? (
                    $"{limit} is over, and what differs was not found yet",
                    "nothing of the source was sent, but what had arrived before is still there"
                )
                : (
                    $"{limit} is reached: {decimal.Floor(100 * (decimal)reached.ArrivedBytes / reached.TotalBytes):0}% of what differs has arrived",
                    $"{new ByteSize(reached.ArrivedBytes)} of {new ByteSize(reached.TotalBytes)} are there, durably; this run sent {sent}"
                );
        return new LimitReachedException(message, reached)
        {
            IsTime = reached.IsTime,
            ArrivedBytes = reached.ArrivedBytes,
            TotalBytes = reached.TotalBytes,
            SentBytes = reached.SentBytes,
            IsKept = reached.IsKept,
            IsTargetWhole = reached.IsTargetWhole,
            Where = where,
            Cause = reached.IsKept
                ? cause
                : "the source is in use (--snapshot none): what was sent of it can not be gone on with",
            Hint = HintOf(reached),
        };
    }

    /// <summary>The error for a cycle that was not begun, because nothing was left for it; null if something is.</summary>
    public static LimitReachedException? OfNothingLeft(RunBudget? budget) =>
        budget is null || (!budget.IsTimeOver && !(budget.LeftBytes < LimitSizes.LeastTransferBytes))
            ? null
            : new LimitReachedException($"{Words(budget, budget.IsTimeOver)} was reached before this began")
            {
                IsTime = budget.IsTimeOver,
                Hint =
                    "run it again; jobs take their turn in the order of the configuration, or as they are named",
            };

    private static string HintOf(LimitReachedException reached) =>
        !reached.IsKept ? "run it without the limit, or from a snapshot"
        : reached.TotalBytes == 0 ? "allow more time: each run has to find what differs first"
        : reached.IsTargetWhole ? $"{Again}; the target is at its old generation until all has arrived"
        : $"{Again}; the target is marked inconsistent until all has arrived";

    private static string Words(RunBudget budget, bool isTime) =>
        isTime
            ? $"--max-time {TimeLength.Print(budget.Time ?? TimeSpan.Zero)}"
            : $"--max-transfer {new ByteSize(budget.SendBytes ?? 0).ToExactString()}";
}
