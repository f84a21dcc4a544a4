using System.Diagnostics;
using System.Globalization;

namespace RsyncFs.Fuzz;

/// <summary>The command line of the fuzz loop.</summary>
public static class FuzzCommand
{
    private const string Usage =
        "usage: scripts/fuzz [--inputs N] [--seed S] [--target T]... [--save] [--replay T FILE]";

    private const long DefaultInputs = 10_000_000;
    private const int RoundInputs = 20;
    private static readonly TimeSpan HangTime = TimeSpan.FromSeconds(30);

    /// <summary>Runs it; gives the exit code: 0 nothing was found, 1 something was, 2 wrong usage.</summary>
    /// <param name="arguments">As on the command line.</param>
    /// <param name="owners">For each block of the woven library the type that it belongs to.</param>
    public static int Run(string[] arguments, IReadOnlyList<string> owners)
    {
        var (inputs, seed, saves) = (DefaultInputs, SeedOfToday, false);
        var targets = new List<FuzzTarget>();
        for (var i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i..])
            {
                case ["--inputs", var count, ..]:
                    inputs = long.Parse(count, CultureInfo.InvariantCulture);
                    i++;
                    break;
                case ["--seed", var number, ..]:
                    seed = ulong.Parse(number, CultureInfo.InvariantCulture);
                    i++;
                    break;
                case ["--target", var name, ..] when Find(name) is { } target:
                    targets.Add(target);
                    i++;
                    break;
                case ["--save", ..]:
                    saves = true;
                    break;
                case ["--replay", var name, var path] when Find(name) is { } target:
                    return Replay(target, File.ReadAllBytes(path));
                default:
                    Console.Error.WriteLine(Usage);
                    Console.Error.WriteLine(
                        $"targets: {string.Join(' ', FuzzTargets.All.Select(target => target.Name))}"
                    );
                    return 2;
            }
        }

        return Feed(targets.Count > 0 ? targets : FuzzTargets.All, inputs, seed, saves, owners);
    }

    private static ulong SeedOfToday =>
        ulong.Parse(
            DateTime.UtcNow.ToString("yyyyMMdd", CultureInfo.InvariantCulture),
            CultureInfo.InvariantCulture
        );

    private static FuzzTarget? Find(string name) =>
        FuzzTargets.All.FirstOrDefault(target => string.Equals(target.Name, name, StringComparison.Ordinal));

    private static int Feed(
        IReadOnlyList<FuzzTarget> targets,
        long inputs,
        ulong seed,
        bool saves,
        IReadOnlyList<string> owners
    )
    {
        Console.WriteLine($"seed {seed}, {inputs} inputs, {owners.Count} blocks woven");
        var runs = targets
            .Select(target =>
            {
                var coverage = new CoverageLog(owners, target);
                // The order of the targets does not change what one of them is fed.
                var loop = new FuzzLoop(target, coverage, seed + (ulong)target.Name.Sum(letter => letter));
                return (Target: target, Coverage: coverage, Loop: loop);
            })
            .ToList();
        using var watch = new Timer(
            _ => EndIfHanging(runs.Select(run => (run.Target, run.Loop))),
            null,
            1000,
            1000
        );
        foreach (var run in runs)
        {
            run.Loop.Begin();
        }

        while (runs.Sum(run => run.Loop.InputCount) is var done && done < inputs)
        {
            foreach (var run in runs)
            {
                run.Loop.Run((int)Math.Min(RoundInputs * run.Target.Share, inputs - done));
            }

            if (runs.Sum(run => run.Loop.InputCount) == done)
            {
                break;
            }
        }

        var hasFound = false;
        foreach (var (target, coverage, loop) in runs)
        {
            hasFound |= loop.Findings.Count > 0;
            Report(target, coverage, loop);
            if (saves)
            {
                Corpus.Save(target, Needed(target, new CoverageLog(owners, target), loop.Kept));
            }
        }

        var time = runs.Sum(run => run.Loop.Elapsed.TotalSeconds);
        var all = runs.Sum(run => run.Loop.InputCount);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{all} inputs in {time:F0} s, {runs.Sum(run => run.Loop.Findings.Count)} findings"
            )
        );
        return hasFound ? 1 : 0;
    }

    /// <summary>Those of <paramref name="inputs"/> that come where neither the seeds nor one before them comes.</summary>
    private static IEnumerable<byte[]> Needed(
        FuzzTarget target,
        CoverageLog coverage,
        IEnumerable<byte[]> inputs
    )
    {
        var seeds = target.Seeds().ToList();
        foreach (
            var (input, isSeed) in seeds
                .Select(seed => (seed, true))
                .Concat(inputs.Select(one => (one, false)))
        )
        {
            coverage.Begin();
            _ = target.Check(input);
            if (coverage.Learn(isAll: true) && !isSeed)
            {
                yield return input;
            }
        }
    }

    private static void Report(FuzzTarget target, CoverageLog coverage, FuzzLoop loop)
    {
        var rate = loop.InputCount / Math.Max(loop.Elapsed.TotalSeconds, 0.001);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{target.Name, -12} {loop.InputCount, 10} inputs {rate, 8:F0} a second  corpus {loop.CorpusCount, 5} ({loop.DiscoveredCount} new)  blocks {coverage.OwnSeenCount} of {coverage.OwnCount}  {loop.Findings.Count} findings"
            )
        );
        foreach (var (problem, input) in loop.Findings)
        {
            Tell(target, problem, input);
        }
    }

    private static void Tell(FuzzTarget target, string problem, byte[] input)
    {
        var path = Corpus.SaveIn(Path.Combine(Path.GetTempPath(), "rsyncfs-fuzz", target.Name), input);
        Console.WriteLine($"  {problem}");
        Console.WriteLine($"  again: scripts/fuzz --replay {target.Name} {path}");
    }

    private static int Replay(FuzzTarget target, byte[] input)
    {
        var problem = target.Check(input);
        Console.WriteLine(problem ?? "nothing is wrong");
        return problem is null ? 0 : 1;
    }

    private static void EndIfHanging(IEnumerable<(FuzzTarget Target, FuzzLoop Loop)> runs)
    {
        foreach (var (target, loop) in runs)
        {
            if (loop.CurrentSince is var since and not 0 && Stopwatch.GetElapsedTime(since) > HangTime)
            {
                Tell(target, $"takes more than {HangTime.TotalSeconds} s", loop.Current);
                Environment.Exit(1);
            }
        }
    }
}
