using System.Globalization;
using RsyncFs.Tests.Targets.LineageModel;
using Xunit;

namespace RsyncFs.Tests.Targets;

/// <summary>
/// Who may continue whom, checked over every short history of two machines, with the real rules and the real changes
/// of a record: nothing is overwritten that nobody has given up, success means equal, fenced senders write nothing, two primaries
/// are found when they meet, and what a refusal tells a person to do leads to equal devices again.
/// </summary>
public sealed class LineageModelTests(ITestOutputHelper output)
{
    private static int Length =>
        int.TryParse(
            Environment.GetEnvironmentVariable("RSYNCFS_LINEAGE_EVENTS"),
            CultureInfo.InvariantCulture,
            out var length
        )
            ? length
            : 7;

    [Fact]
    public void EveryHistoryOfAFailoverPairKeepsThePromises()
    {
        var search = Run(ModelAlphabet.Failover, Length);
        Assert.Equal((long)Math.Pow(9, Length), search.HistoryCount);
    }

    [Fact]
    public void EveryHistoryOfAnythingThatCanHappenKeepsThePromises() =>
        Run(ModelAlphabet.Everything, Length - 1);

    private ModelSearch Run(IReadOnlyList<ModelStep> alphabet, int length)
    {
        var search = new ModelSearch(alphabet);
        var longest = 0;
        search.Run(
            length,
            world =>
            {
                longest = Math.Max(longest, CommandsToConverge(world, fromA: true));
                if (world.B.Sender is not null)
                {
                    longest = Math.Max(longest, CommandsToConverge(world, fromA: false));
                }
            }
        );
        output.WriteLine(
            $"{search.HistoryCount} histories of {length} events, {search.WorldCount} different worlds, "
                + $"{search.StepCount} events; at most {longest} commands until the devices are equal"
        );
        return search;
    }

    private static int CommandsToConverge(ModelWorld world, bool fromA) =>
        ModelRemedies.Converge(world, fromA)?.Count
        ?? throw new ModelViolationException($"no hint leads to equal devices, from {(fromA ? 'A' : 'B')}");
}
