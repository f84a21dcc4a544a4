using System.Diagnostics;
using System.Globalization;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Crashes;

/// <summary>Round after round: the source changes, a sender runs, somebody is killed, and what is left is judged.</summary>
internal sealed class KillScene(CrashScene scene, Random random) : IAsyncDisposable
{
    // The sender lives a little longer than what it does; a later moment finds nobody.
    private const double LatestMoment = 1.1;
    private const double EarliestMoment = 0.15;

    private TimeSpan _runLength;
    private string _generation = "";
    private bool _isStopped;

    /// <summary>Makes the first copy, and measures how long a run takes.</summary>
    public async Task BeginAsync()
    {
        await scene.ServeAsync();
        await scene.ConvergeAsync();
        NextGeneration();
        var started = Stopwatch.GetTimestamp();
        Remember(await scene.ConvergeAsync());
        _runLength = Stopwatch.GetElapsedTime(started);
        NextGeneration();
    }

    /// <summary>One round. When it returns the target is the source, and the source has changed again.</summary>
    public async Task<KillRound> RunAsync(int number)
    {
        var victim = random.Next(8) == 0 ? Victim.Both : (Victim)(number % 2);
        var moment = (Moment)random.Next(5);
        var isFirstCopy = random.Next(10) == 0;
        if (isFirstCopy)
        {
            moment = Moment.Anytime;
            await ForgetEverythingAsync();
        }

        var before = scene.OnDisk;
        await using var sender = scene.StartSender();
        await WaitForAsync(moment, sender, before);
        var atKill = PhaseOf(scene.OnDisk, before, held: null);
        await KillAsync(victim, sender);
        var said = await sender.WaitAsync();
        AssertHonest(said, victim);
        var isAcknowledged = said.ExitCode == 0;
        if (isAcknowledged && victim is Victim.Sender)
        {
            // It was faster.
            atKill = "ended";
        }

        var phase = victim is Victim.Sender ? atKill : PhaseOf(scene.OnDisk, before, scene.Held);
        var recoveryKillCount = await RecoverAsync(victim);
        var recovered = IsAtRest(victim) ? await JudgeAsync(phase, isAcknowledged) : (Held?)null;
        if (random.Next(4) == 0)
        {
            // The next run meets a source that has gone on: nothing can be resumed, and nothing of it may be.
            scene.Images.ChangeAtRandom(random);
        }

        var next = await scene.ConvergeAsync();
        Remember(next);
        NextGeneration();
        return new KillRound(
            victim,
            moment,
            phase,
            isFirstCopy,
            isAcknowledged,
            recoveryKillCount,
            recovered,
            next
        );
    }

    /// <summary>What the files say, for a report of what went wrong.</summary>
    public string Describe() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"the target is {scene.Held}; its state says {scene.OnDisk}; N is {_generation}; journal: {File.Exists(scene.Journal)}"
        );

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => scene.DisposeAsync();

    private void Remember(RunSummary summary) => _generation = summary.Text("gen");

    private void NextGeneration()
    {
        scene.Images.Advance();
        scene.Images.ChangeAtRandom(random);
    }

    /// <summary>Neither end knows anything any more, and the target holds what it held.</summary>
    private async Task ForgetEverythingAsync()
    {
        await scene.StopReceiverAsync();
        Directory.Delete(scene.ReceiverState, recursive: true);
        Directory.Delete(scene.SenderState, recursive: true);
        _generation = "";
        await scene.ServeAsync();
    }

    private Task WaitForAsync(Moment moment, RunningProgram sender, TargetOnDisk? before)
    {
        var sectors = scene.Target.SectorsWritten + random.Next(1, 1500);
        Func<bool> condition = moment switch
        {
            Moment.Staging => () => File.Exists(scene.Journal),
            Moment.Committed => () => scene.OnDisk?.Status is "committed",
            Moment.Applying => () => scene.Target.SectorsWritten > sectors,
            Moment.Settled => () => scene.OnDisk is { Status: "consistent" } now && !now.IsAt(before),
            _ => () => true,
        };
        var delay =
            moment == Moment.Anytime
                ? _runLength * (EarliestMoment + (random.NextDouble() * (LatestMoment - EarliestMoment)))
                : TimeSpan.FromMilliseconds(random.NextDouble() * (random.Next(2) == 0 ? 1 : 8));
        return Task.Run(() => Spin(condition, delay, sender));
    }

    /// <summary>Looks as often as it can: some of what is waited for lasts a fraction of a millisecond.</summary>
    private static void Spin(Func<bool> condition, TimeSpan delay, RunningProgram sender)
    {
        const int ChecksPerLook = 50;
        for (var i = 1; !condition(); i++)
        {
            Thread.Yield();
            if (i % ChecksPerLook == 0 && sender.HasExited)
            {
                return;
            }
        }

        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < delay)
        {
            Thread.Yield();
        }
    }

    private async Task KillAsync(Victim victim, RunningProgram sender)
    {
        if (victim is not Victim.Receiver && !sender.HasExited)
        {
            sender.Kill();
        }

        if (victim is not Victim.Sender)
        {
            await scene.KillReceiverAsync();
        }
    }

    private static void AssertHonest(ProgramResult said, Victim victim)
    {
        var isExpected = said.ExitCode == 0 || said.ExitCode == (victim is Victim.Receiver ? 5 : 137);
        Assert.True(isExpected, $"{victim} was killed, and the sender said {said}");
    }

    /// <summary>Where the receiver was, as its files tell.</summary>
    private string PhaseOf(TargetOnDisk? now, TargetOnDisk? before, Held? held) =>
        now switch
        {
            null => "0 before",
            { Status: "initializing" } => "1 first copy",
            { Status: "committed" } => held switch
            {
                Held.Old => "3 committed",
                Held.Mix => "4 applying",
                Held.New => "5 applied",
                _ => "4 committed",
            },
            _ when now.IsAt(before) => File.Exists(scene.Journal) ? "2 staging" : "0 before",
            _ => File.Exists(scene.Journal) ? "6 settled" : "7 done",
        };

    /// <summary>Brings the target to rest, or leaves it to a receiver that has lost its sender and may still be at work.</summary>
    private async Task<int> RecoverAsync(Victim victim)
    {
        if (victim is Victim.Sender)
        {
            _isStopped = random.Next(2) == 0;
            if (_isStopped)
            {
                await scene.StopReceiverAsync();
                await scene.ServeAsync();
            }

            return 0;
        }

        var count = 0;
        for (; random.Next(4) == 0; count++)
        {
            await KillRecoveryAsync();
        }

        await scene.ServeAsync();
        return count;
    }

    /// <summary>Kills a receiver that starts: at its first write to the target, or at any time.</summary>
    private async Task KillRecoveryAsync()
    {
        var sectors = scene.Target.SectorsWritten;
        var receiver = scene.StartReceiver();
        var delay = TimeSpan.FromMilliseconds(random.Next(60, 300));
        if (random.Next(2) == 0)
        {
            await Task.Run(() => Spin(() => true, delay, receiver));
        }
        else
        {
            await Task.Run(() =>
                Spin(
                    () =>
                        scene.Target.SectorsWritten > sectors
                        || receiver.ErrorSoFar.Contains("serving", StringComparison.Ordinal),
                    TimeSpan.Zero,
                    receiver
                )
            );
        }

        await scene.KillReceiverAsync();
    }

    private bool IsAtRest(Victim victim) => victim is not Victim.Sender || _isStopped;

    private async Task<Held> JudgeAsync(string phase, bool isAcknowledged)
    {
        var isFirst = scene.OnDisk is null or { Status: "initializing" };
        var held = isFirst ? scene.Held : scene.AssertWhole(_generation);
        if (random.Next(4) == 0)
        {
            await AssertShownAsync(isFirst);
        }

        // Behind the commit point the generation can not be lost, though nobody has heard of it yet.
        var isCommitted = isAcknowledged || string.CompareOrdinal(phase, "3") >= 0;
        Assert.True(
            !isCommitted || (held == Held.New && !isFirst),
            $"{phase}, acknowledged: {isAcknowledged}: {Describe()}"
        );
        return held;
    }

    /// <summary>What a person is told must be what the files say.</summary>
    private async Task AssertShownAsync(bool isFirst)
    {
        if (scene.OnDisk is { } state)
        {
            var shown = await scene.ShowAsync();
            var expected = new TargetShown(
                state.Status,
                isFirst,
                isFirst ? shown.Generation : state.Generation,
                shown.ArrivedRecordCount
            );
            Assert.True(shown == expected, $"shown is {shown}, but {Describe()}");
        }
    }
}
