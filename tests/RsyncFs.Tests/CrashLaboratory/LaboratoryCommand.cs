using System.Globalization;

namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>
/// The command <c>scripts/crash-laboratory</c>. Prints what was done, and for a failure the smallest case that was
/// found and its whole story; exit code 1 then.
/// </summary>
internal static class LaboratoryCommand
{
    /// <summary>The word by which this program becomes the laboratory instead of the tests.</summary>
    public const string Name = "crash-laboratory";

    private const long DefaultStates = 1_000_000;

    private const string Usage = """
        usage: scripts/crash-laboratory [--states N] [--seconds N] [--seed S] [--threads N] [--story NAME]... [--case ID]
          --states N    crash states to go through (default 1000000)
          --seconds N   stop after so long, even with fewer
          --seed S      chance of all cases (default: the date)
          --story NAME  only this story; may be given again
          --case ID     one case alone, with its story, as a failure prints it
        """;

    /// <summary>Runs it.</summary>
    public static int Run(IReadOnlyList<string> arguments)
    {
        var (states, seconds, threads) = (DefaultStates, (long)int.MaxValue, Environment.ProcessorCount);
        var seed = SeedOfToday;
        var stories = new List<string>();
        for (var i = 0; i < arguments.Count; i += 2)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : "";
            switch (arguments[i])
            {
                case "--states":
                    states = long.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case "--seconds":
                    seconds = long.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case "--seed":
                    seed = ulong.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case "--threads":
                    threads = int.Parse(value, CultureInfo.InvariantCulture);
                    break;
                case "--story":
                    stories.Add(value);
                    break;
                case "--case":
                    return Repeat(CaseId.Parse(value));
                default:
                    Console.Error.WriteLine(Usage);
                    return 2;
            }
        }

        var run = new LaboratoryRun(seed, stories.Count > 0 ? stories : [.. Stories.All.Keys]);
        Console.WriteLine($"seed {seed}, {states} states, {threads} threads");
        run.Run(states, TimeSpan.FromSeconds(seconds), threads, CancellationToken.None);
        Console.WriteLine(Summary(run));
        return run.Failed is null ? 0 : ReportFailure(run.Failed, run.Violation!);
    }

    /// <summary>A seed that is another one every day.</summary>
    public static ulong SeedOfToday =>
        ulong.Parse(
            DateTime.UtcNow.ToString("yyyyMMdd", CultureInfo.InvariantCulture),
            CultureInfo.InvariantCulture
        ) * 1_000_000;

    /// <summary>What was done, in one line.</summary>
    public static string Summary(LaboratoryRun run) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Count.States} crash states in {run.Elapsed.TotalSeconds:F1} s ({run.Rate:F0} a second), {run.Count.Cases} cases, {run.Count.Operations} operations, {(run.Failed is null ? 0 : 1)} violations"
        );

    private static int Repeat(CaseId id)
    {
        if (LaboratoryRun.Run(id, new LaboratoryCount(), isTraced: true) is not { } violation)
        {
            Console.WriteLine($"{id}: nothing is broken");
            return 0;
        }

        Print(id, violation);
        return 1;
    }

    private static int ReportFailure(CaseId id, ViolationException violation)
    {
        Console.WriteLine($"{id} broke {violation.Message}");
        var smallest = Shrinker.Shrink(id, violation.Check);
        Repeat(smallest);
        Console.WriteLine($"again: scripts/crash-laboratory --case {smallest}");
        if (smallest != id)
        {
            Console.WriteLine($"first: scripts/crash-laboratory --case {id}");
        }

        return 1;
    }

    private static void Print(CaseId id, ViolationException violation)
    {
        Console.WriteLine($"the story of {id}:");
        foreach (var line in violation.Story)
        {
            Console.WriteLine("  " + line);
        }

        Console.WriteLine(violation.Message);
    }
}
