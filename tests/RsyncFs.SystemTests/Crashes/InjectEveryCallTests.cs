using System.Globalization;
using System.Text;
using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests;
using Xunit;

namespace RsyncFs.SystemTests.Crashes;

/// <summary>
/// Each call to the kernel of one transaction of 16 blocks that is about the device or the state, one after the other:
/// the process is killed instead of it, or half of it is done, or it fails. A share of them by seed; all:
/// <c>scripts/inject-every-call</c>.
/// </summary>
public sealed class InjectEveryCallTests(ITestOutputHelper output)
{
    private const int MiB = 1024 * 1024;
    private const long Size = (8L * MiB) + 2560;
    private const int ShareCount = 10;

    [Fact]
    public async Task OfTheReceiver()
    {
        var random = TestSeed.NewRandom();
        await using var scene = new InjectionScene(new CrashScene(Size, random.Next()));
        await scene.BeginAsync();
        await RunAsync(
            await scene.CountReceiverAsync(),
            random,
            // Half of those that it survives it must get over without a restart.
            point =>
                scene.InReceiverAsync(point, isRestarted: point.Injection.IsForever || point.At % 2 == 0)
        );
    }

    [Fact]
    public async Task OfTheSender()
    {
        var random = TestSeed.NewRandom();
        await using var scene = new InjectionScene(new CrashScene(Size, random.Next()));
        await scene.BeginAsync();
        await RunAsync(await scene.CountSenderAsync(), random, scene.InSenderAsync);
    }

    [Fact]
    public async Task OfAReceiverThatRecovers()
    {
        var random = TestSeed.NewRandom();
        await using var scene = new InjectionScene(new CrashScene(Size, random.Next()));
        await scene.BeginAsync();
        await RunAsync(await scene.CountRecoveryAsync(), random, scene.InRecoveryAsync);
    }

    private async Task RunAsync(
        IReadOnlyList<TracedCall> calls,
        Random random,
        Func<InjectionPoint, Task<InjectionResult>> inject
    )
    {
        foreach (var kind in calls.CountBy(call => call.Name))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind.Value, 5} {kind.Key}"));
        }

        var points = PointsOf(calls);
        switch (Environment.GetEnvironmentVariable("RSYNCFS_INJECT"))
        {
            case "all":
                break;
            case { Length: > 0 } fate:
                points = Array.FindAll(
                    points,
                    point => point.Injection.Fate.Equals(fate, StringComparison.Ordinal)
                );
                break;
            default:
                random.Shuffle(points);
                points = points[..Math.Min(points.Length, ShareCount)];
                break;
        }

        var results = new List<InjectionResult>();
        foreach (var point in points)
        {
            try
            {
                results.Add(await inject(point));
                output.WriteLine(results[^1].ToString());
            }
            catch (Exception failure)
            {
                output.WriteLine($"{point}: {failure.Message}");
                throw;
            }
        }

        output.WriteLine(Sum(results));
    }

    /// <summary>How many there were of each kind, and what the target was after them.</summary>
    private static string Sum(List<InjectionResult> results)
    {
        var text = new StringBuilder(
            $"{"", -20}{"call", -12}{"points", 8}{"then N", 8}{"then N+1", 10}{"mix", 6}{"missed", 8}\n"
        );
        foreach (
            var group in results.GroupBy(result =>
                (Fate: result.Point.Injection.ToString(), Call: result.Call?.Name ?? "none")
            )
        )
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{group.Key.Fate, -20}{group.Key.Call, -12}{group.Count(), 8}{group.Count(result => result.Left == Held.Old), 8}{group.Count(result => result.Left == Held.New), 10}{group.Count(result => result.Left == Held.Mix), 6}{group.Count(result => result.Call is null), 8}\n"
            );
        }

        return text.Append(CultureInfo.InvariantCulture, $"{results.Count} injections").ToString();
    }

    private static InjectionPoint[] PointsOf(IReadOnlyList<TracedCall> calls) =>
        [
            .. Injection.All.SelectMany(injection =>
                Enumerable
                    .Range(
                        1,
                        calls.Count(call => injection.Calls.Contains(call.Name, StringComparer.Ordinal))
                    )
                    .Select(at => new InjectionPoint(injection, at))
            ),
        ];
}
