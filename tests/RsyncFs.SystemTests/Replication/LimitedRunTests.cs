using System.Text.Json;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Replication;

/// <summary>
/// Runs that may send only so much, or take only so long, repeated until one comes to the end: each does its share,
/// none sends again what another has sent, and the target is whole or marked meanwhile.
/// </summary>
public sealed class LimitedRunTests(ITestOutputHelper output) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private const long Size = (64L * MiB) + 2560;
    private const long Changed = 48L * MiB;
    private const long Share = 10L * MiB;
    private const int LimitExitCode = 12;

    private static readonly RsyncFsProgram Program = new();
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ATransferIsRepeatedUntilItIsDone(bool isFirstCopy)
    {
        var (source, target) = MakeImages();
        await using var scene = new ReplicationScene(source, target);
        await scene.ServeAsync();
        var before = "";
        if (!isFirstCopy)
        {
            await scene.SyncAsync();
            new RandomContent(2).WriteTo(source, 8 * MiB, Changed);
            before = DeviceBytes.Hash(target);
        }

        var (runs, last) = await RepeatAsync(
            options => scene.TrySyncAsync(options),
            async reached =>
            {
                var shown = await ShowAsync(scene.ReceiverState);
                if (isFirstCopy)
                {
                    Assert.Equal(("initializing", true), (shown.Status, shown.IsInconsistent));
                }
                else
                {
                    Assert.Equal(("consistent", false), (shown.Status, shown.IsInconsistent));
                    Assert.Equal(before, DeviceBytes.Hash(target));
                }

                // All that is said to have arrived has: one block each, as all of it is random.
                Assert.Equal(Blocks(reached), shown.ArrivedRecordCount);
            }
        );
        AssertSharesOf(runs, last, isFirstCopy ? Size : Changed);
        scene.AssertSame();
        // To the receiver each of them was a session with a proper end.
        var said = await scene.StopAsync();
        Assert.DoesNotContain("failed", said.Error, StringComparison.Ordinal);
        Assert.Contains(
            "blocks and runs of zeros of the next have arrived",
            said.Error,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SoIsACopyOnThisMachine(bool isFirstCopy)
    {
        var (source, target) = MakeImages();
        string[] line = ["sync", source, target, "--state", _directory.At("state")];
        if (!isFirstCopy)
        {
            await Program.RunOkAsync(line);
            new RandomContent(2).WriteTo(source, 8 * MiB, Changed);
        }

        var (runs, last) = await RepeatAsync(
            options => Program.RunAsync([.. line, .. options]),
            _ => Task.CompletedTask
        );
        AssertSharesOf(runs, last, isFirstCopy ? Size : Changed);
        Verdict.Same(source, target);
    }

    /// <summary>A minute of sending does not fit three seconds, on whatever machine.</summary>
    [Fact]
    public async Task ARunWhoseTimeIsOverEndsInGoodOrderAndTheNextGoesOn()
    {
        var (source, target) = MakeImages();
        await using var scene = new ReplicationScene(source, target);
        await scene.ServeAsync();
        var limited = await scene.TrySyncAsync("--max-time", "3s", "--bwlimit", "1MiB/s");
        Assert.True(limited.ExitCode == LimitExitCode, limited.ToString());
        Assert.StartsWith(
            "rsyncfs: error: --max-time 3s is reached: ",
            limited.Error,
            StringComparison.Ordinal
        );
        Assert.Contains("[limit-reached]", limited.Error, StringComparison.Ordinal);
        Assert.Contains(
            "run the same command again: it goes on from there",
            limited.Error,
            StringComparison.Ordinal
        );
        var arrived = (await ShowAsync(scene.ReceiverState)).ArrivedRecordCount;
        var next = await scene.SyncAsync();
        output.WriteLine($"{arrived} records, then {next}");
        Assert.Equal(arrived > 0, next.IsResumed);
        scene.AssertSame();
        Assert.DoesNotContain("failed", (await scene.StopAsync()).Error, StringComparison.Ordinal);
    }

    /// <summary>Of several jobs the first takes it all; the others say so, and come when there is something left.</summary>
    [Fact]
    public async Task JobsOfARunShareWhatItMayTake()
    {
        var (first, firstTarget) = MakeImages("a");
        var (second, secondTarget) = MakeImages("b");
        var config = _directory.At("rsyncfs.yaml");
        await File.WriteAllTextAsync(
            config,
            $"""
            version: 1
            state: {_directory.At("state")}
            jobs:
              - name: a
                device: {first}
                to: [{firstTarget}]
              - name: b
                device: {second}
                to: [{secondTarget}]
            """,
            TestContext.Current.CancellationToken
        );
        string[] line = ["run", "--config", config, "--max-transfer", "40MiB", "--json"];
        var codes = new List<int>();
        var ids = new List<string>();
        for (var isDone = false; !isDone; )
        {
            var result = await Program.RunAsync(line);
            Assert.True(result.ExitCode is 0 or 4 or LimitExitCode, result.ToString());
            codes.Add(result.ExitCode);
            ids.AddRange(RunEvents.Of(result, "error").Select(error => error.GetProperty("id").GetString()!));
            isDone = result.ExitCode == 0;
            Assert.True(codes.Count < 8, "it does not come to an end");
        }

        // 128 MiB by 40: a part of a and nothing of b; the rest of a and a part of b; twice a part of b or its rest.
        Assert.Equal([LimitExitCode, 4, 4, 0], codes);
        Assert.All(ids, id => Assert.Equal("limit-reached", id));
        Assert.Equal(4, ids.Count);
        Verdict.Same(first, firstTarget);
        Verdict.Same(second, secondTarget);
    }

    private (string Source, string Target) MakeImages(string name = "")
    {
        var source = Images.Make(_directory, $"source{name}.img", Size);
        new RandomContent((ulong)name.Length + 1).WriteTo(source, 0, Size - 2560);
        new RandomContent(9).WriteTo(source, Size - 2560, 2560);
        return (source, Images.Make(_directory, $"target{name}.img", Size));
    }

    /// <summary>Runs with a share each until one run is enough for the rest: how the others ended, and the last.</summary>
    private async Task<(List<JsonElement> Runs, RunSummary Last)> RepeatAsync(
        Func<string[], Task<ProgramResult>> runAsync,
        Func<JsonElement, Task> meanwhile
    )
    {
        var runs = new List<JsonElement>();
        while (true)
        {
            var result = await runAsync(["--max-transfer", "10MiB", "--json"]);
            if (result.ExitCode == 0)
            {
                return (runs, new RunSummary(RunEvents.Of(result, "summary").Single()));
            }

            Assert.True(result.ExitCode == LimitExitCode, result.ToString());
            var reached = RunEvents.Of(result, "error").Single();
            output.WriteLine(reached.ToString());
            Assert.Equal("limit-reached", reached.GetProperty("id").GetString());
            Assert.True(reached.GetProperty("transient").GetBoolean());
            runs.Add(reached);
            Assert.InRange(runs.Count, 1, 10);
            await meanwhile(reached);
        }
    }

    private void AssertSharesOf(List<JsonElement> runs, RunSummary last, long content)
    {
        Assert.All(runs, reached => Assert.InRange(Sent(reached), Share - MiB, Share));
        var arrived = runs.Select(reached => reached.GetProperty("arrived").GetInt64()).ToList();
        Assert.Equal(arrived.Order(), arrived);
        Assert.Equal(arrived.Count, arrived.Distinct().Count());
        var sum = runs.Sum(Sent) + last.Number("sent");
        output.WriteLine(
            $"{runs.Count + 1} runs sent {sum} bytes, of {content}: {(double)sum / content:0.000}"
        );
        Assert.True(last.IsResumed, last.ToString());
        Assert.InRange(sum, content, content * 12 / 10);
        Assert.Equal(content / Share, runs.Count);
    }

    private static long Sent(JsonElement reached) => reached.GetProperty("sent").GetInt64();

    private static long Blocks(JsonElement reached) =>
        (reached.GetProperty("arrived").GetInt64() + 65535) / 65536;

    private static async Task<TargetShown> ShowAsync(string state) =>
        TargetShown.Parse(await Program.RunOkAsync("target", "show", "db01", "--json", "--state", state));
}
