using System.Globalization;
using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests;
using Xunit;

namespace RsyncFs.SystemTests.Crashes;

/// <summary>
/// kill -9 of sender, receiver or both, in every phase, on loop devices with direct I/O. All rounds:
/// <c>scripts/kill-rounds</c>.
/// </summary>
public sealed class KillRoundsTests(ITestOutputHelper output)
{
    private const int MiB = 1024 * 1024;

    // Neither a whole block nor a whole page.
    private const long Size = (16L * MiB) + 2560;
    private const int DefaultRoundCount = 25;

    [Fact]
    public async Task AfterAKillTheTargetIsOneWholeGenerationAndTheNextRunConverges()
    {
        var random = TestSeed.NewRandom();
        var wanted = Environment.GetEnvironmentVariable("RSYNCFS_KILL_ROUNDS");
        var count = wanted is null ? DefaultRoundCount : int.Parse(wanted, CultureInfo.InvariantCulture);
        var tally = new KillTally();
        await using var rounds = new KillScene(
            new CrashScene(Size, random.Next()) { SyncOptions = ["--checkpoint-every", "256KiB"] },
            random
        );
        await rounds.BeginAsync();
        for (var number = 0; number < count; number++)
        {
            try
            {
                tally.Add(await rounds.RunAsync(number));
            }
            catch (Exception failure)
            {
                output.WriteLine($"round {number}: {failure.Message}\n{rounds.Describe()}\n{tally}");
                throw;
            }
        }

        output.WriteLine(tally.ToString());
    }
}
