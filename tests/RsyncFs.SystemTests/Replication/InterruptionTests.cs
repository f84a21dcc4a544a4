using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests;
using Xunit;

namespace RsyncFs.SystemTests.Replication;

/// <summary>
/// Ends one of the two processes at a random moment, over a link slow enough for the moment to matter, and runs
/// again: nobody says success that is none, nothing stays locked, and the next run converges.
/// </summary>
public sealed class InterruptionTests(ITestOutputHelper output) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private const long Size = (32L * MiB) + 2560;
    private const int MegabitsPerSecond = 160;
    private const int RoundCount = 4;

    private readonly NetworkPair _network = new();
    private readonly LoopDevice _source = new(Size);
    private readonly LoopDevice _target = new(Size);

    public void Dispose()
    {
        _source.Dispose();
        _target.Dispose();
        _network.Dispose();
    }

    [Theory]
    [InlineData("sender", "KILL", 137)]
    [InlineData("sender", "TERM", 143)]
    [InlineData("sender", "INT", 130)]
    [InlineData("receiver", "KILL", 137)]
    [InlineData("receiver", "TERM", 143)]
    public async Task TheNextRunConverges(string victim, string signal, int exitCode)
    {
        var random = NewRandom(exitCode + victim.Length);
        _network.LimitRate(MegabitsPerSecond);
        new RandomContent(1).WriteTo(_source.Path, 0, Size);
        await using var scene = new ReplicationScene(_source.Path, _target.Path, _network);
        await scene.ServeAsync();
        for (var round = 0; round < RoundCount; round++)
        {
            // The first copy takes some two seconds, each change after it one and a half.
            var moment = TimeSpan.FromMilliseconds(random.Next(200, round == 0 ? 2000 : 1300));
            var sender = scene.Start();
            await using var _ = sender;
            await Task.Delay(moment, TestContext.Current.CancellationToken);
            var ended = victim is "sender"
                ? await EndSenderAsync(sender, signal)
                : await EndReceiverAsync(scene, signal, exitCode);
            var said = await sender.WaitAsync();
            output.WriteLine(
                $"round {round}: {victim} {signal} after {moment.TotalMilliseconds} ms: sender {said.ExitCode} {LastLine(said)}"
            );
            AssertHonest(said, victim is "sender" && ended ? exitCode : 5);
            if (victim is "receiver")
            {
                await scene.ServeAsync();
            }

            output.WriteLine($"         next: {await SyncPatientlyAsync(scene)}");
            scene.AssertSame();
            Change(random, round);
        }

        Assert.Equal(143, (await scene.StopAsync()).ExitCode);
    }

    [Fact]
    public async Task AReceiverKilledWhileItAppliesIsInconsistentAndTheNextRunConverges()
    {
        new RandomContent(1).WriteTo(_source.Path, 0, Size);
        await using var scene = new ReplicationScene(_source.Path, _target.Path, _network);
        await scene.ServeAsync();
        await scene.SyncAsync();
        new RandomContent(2).WriteTo(_source.Path, 0, Size);
        var state = Path.Combine(scene.ReceiverState, "targets", "db01", "state");
        var before = DeviceBytes.Hash(state);

        await using var sender = scene.Start();
        await Poll.UntilAsync(() =>
            !string.Equals(DeviceBytes.Hash(state), before, StringComparison.Ordinal)
        );
        await scene.KillReceiverAsync();
        var said = await sender.WaitAsync();
        output.WriteLine(
            $"sender {said.ExitCode}, equal already: {Verdict.IsSame(_source.Path, _target.Path)}"
        );
        AssertHonest(said, 5);
        if (said.ExitCode == 5)
        {
            Assert.Contains("\n  cause  ", said.Error, StringComparison.Ordinal);
            Assert.Contains("rsyncfs target show db01", said.Error, StringComparison.Ordinal);
        }

        await scene.ServeAsync();
        output.WriteLine((await scene.SyncAsync()).ToString());
        scene.AssertSame();
    }

    /// <summary>Sends the signal; false if the sender had ended by itself.</summary>
    private static async Task<bool> EndSenderAsync(RunningProgram sender, string signal)
    {
        if (sender.HasExited)
        {
            return false;
        }

        sender.Signal(signal);
        await sender.WaitAsync();
        return true;
    }

    private static async Task<bool> EndReceiverAsync(ReplicationScene scene, string signal, int exitCode)
    {
        scene.Receiver.Signal(signal);
        var result = await scene.Receiver.WaitAsync();
        Assert.True(result.ExitCode == exitCode, result.ToString());
        return true;
    }

    /// <summary>Who says success has it; who was ended, or lost the other, says that.</summary>
    private void AssertHonest(ProgramResult said, int exitCode)
    {
        if (said.ExitCode == 0)
        {
            Verdict.Same(_source.Path, _target.Path);
            return;
        }

        Assert.True(said.ExitCode == exitCode, said.ToString());
        Assert.DoesNotContain("done", said.Output, StringComparison.Ordinal);
    }

    /// <summary>The receiver may still be at work on what the sender that died has left on the link.</summary>
    private async Task<RunSummary> SyncPatientlyAsync(ReplicationScene scene)
    {
        for (var attempt = 0; ; attempt++)
        {
            var result = await scene.TrySyncAsync("--json");
            if (result.ExitCode == 0)
            {
                return new RunSummary(RunEvents.Of(result, "summary").Single());
            }

            Assert.True(result.ExitCode == 5 && attempt < 30, result.ToString());
            Assert.Contains("\"target-busy\"", result.Output, StringComparison.Ordinal);
            output.WriteLine("         the target is busy");
        }
    }

    private void Change(Random random, int round)
    {
        var content = new RandomContent((ulong)(100 + round));
        var run = new byte[MiB];
        using (var device = DeviceBytes.OpenToWrite(_source.Path))
        {
            for (var i = 0; i < 24; i++)
            {
                var at = random.NextInt64((Size - MiB) / 4096) * 4096;
                var part = run.AsSpan(0, random.Next(1, 256) * 4096);
                content.Fill(at, part);
                RandomAccess.Write(device, part, at);
            }
        }

        DeviceBytes.Copy(_source.Path, 8 * MiB, (20 * MiB) + 512, 4 * MiB);
    }

    /// <summary>Other moments for each way to end, from one seed.</summary>
    private static Random NewRandom(int skipCount)
    {
        var random = TestSeed.NewRandom();
        for (var i = 0; i < skipCount; i++)
        {
            random.Next();
        }

        return random;
    }

    private static string LastLine(ProgramResult result) =>
        (result.Output + result.Error).Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault()
        ?? "";
}
