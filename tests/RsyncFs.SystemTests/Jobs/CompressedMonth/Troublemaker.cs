using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests;
using Xunit;

namespace RsyncFs.SystemTests.Jobs.CompressedMonth;

/// <summary>Makes trouble, one after the other, several at a time, and mends each after a while.</summary>
/// <param name="scene">What is troubled.</param>
/// <param name="tally">Told of it.</param>
/// <param name="random">Decides.</param>
internal sealed class Troublemaker(MonthScene scene, MonthTally tally, Random random)
{
    private const int Terminated = 143;
    private const int LeastRestMilliseconds = 1000;
    private const int MostRestMilliseconds = 3000;
    private const string LeastRate = "64KiB/s";

    // A peer that is silent for half a minute is given up.
    private static readonly TimeSpan LongCut = TimeSpan.FromSeconds(35);
    private static readonly TimeSpan MendingInterval = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // Never a bug, nor damage, nor a word about who may go on where that was not asked for.
    private static readonly int[] Refusals = [1, 2, 5, 6, 8, 11];

    private readonly List<Present> _present = [];

    /// <summary>True if processes are killed and ended, too; they live on otherwise, so that what leaks adds up.</summary>
    public bool MayEndProcesses { get; set; } = true;

    /// <summary>Makes so much trouble, and mends what has lasted long enough.</summary>
    public async Task RunAsync(int count)
    {
        for (; count > 0; count--)
        {
            var rest = random.Next(LeastRestMilliseconds, MostRestMilliseconds);
            await MendUntilAsync(Environment.TickCount64 + rest);
            await BeginAsync();
        }
    }

    /// <summary>Mends all that is there.</summary>
    /// <exception cref="TimeoutException">Something could not be mended.</exception>
    public async Task MendAllAsync()
    {
        // A long cut shall last as long as it was to.
        await MendUntilAsync(
            _present.Where(present => present.IsLong).Max(present => (long?)present.Until) ?? 0
        );
        var started = TimeProvider.System.GetTimestamp();
        while (_present.MinBy(present => present.Trouble) is { } next)
        {
            if (await next.MendAsync())
            {
                _present.Remove(next);
            }
            else if (TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException(
                    $"{next.Trouble} of {next.What} could not be mended: {tally.LastWord}"
                );
            }
            else
            {
                await Task.Delay(MendingInterval, TestContext.Current.CancellationToken);
            }
        }
    }

    private async Task MendUntilAsync(long until)
    {
        while (Environment.TickCount64 < until)
        {
            if (_present.Find(present => present.Until <= Environment.TickCount64) is { } over)
            {
                if (await over.MendAsync())
                {
                    _present.Remove(over);
                    continue;
                }

                over.Until = Environment.TickCount64 + (long)MendingInterval.TotalMilliseconds;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken);
        }
    }

    private async Task BeginAsync()
    {
        while (!await TryBeginAsync((Trouble)random.Next(Enum.GetValues<Trouble>().Length)))
        {
            // Something else, or of somebody else.
        }
    }

    private Task<bool> TryBeginAsync(Trouble trouble)
    {
        var job = scene.Jobs[random.Next(scene.Jobs.Count)];
        var receiver = scene.Receivers[random.Next(scene.Receivers.Count)];
        return trouble switch
        {
            Trouble.LinkDown => Begin(
                trouble,
                "link",
                () => scene.Network.SetLink(false),
                () => scene.Network.SetLink(true)
            ),
            Trouble.LostOneWay => BeginLost(toReceiver: random.Next(2) == 0),
            Trouble.DiskFull => Begin(trouble, $"disk {receiver.Name}", receiver.FillDisk, receiver.FreeDisk),
            Trouble.ReceiverKilled => BeginReceiverAsync(trouble, receiver),
            Trouble.ReceiverStopped => BeginReceiverAsync(trouble, receiver),
            Trouble.LoopKilled => BeginLoopAsync(trouble),
            Trouble.LoopStopped => BeginLoopAsync(trouble),
            Trouble.JobRemoved => Begin(
                trouble,
                "config",
                () => Reload(() => scene.Config.Remove(job.Name)),
                () => Reload(() => scene.Config.Restore(job.Name))
            ),
            Trouble.TargetPromoted => BeginPromotedAsync(
                receiver,
                receiver.Jobs[random.Next(receiver.Jobs.Count)]
            ),
            Trouble.JobPaused => BeginSaidAsync(
                trouble,
                $"pause {job.Name}",
                ["pause", job.Name],
                ["resume", job.Name]
            ),
            Trouble.Limited => BeginLimitedAsync(random.Next(2) == 0 ? receiver.Name : job.Name),
            Trouble.JobChanged => Begin(
                trouble,
                "config",
                () => Reload(() => scene.Config.Change(job.Name)),
                mend: null
            ),
            Trouble.ConfigBroken when scene.Loop.Process is null => Task.FromResult(false),
            Trouble.ConfigBroken => Begin(
                trouble,
                "config",
                () => Reload(scene.Config.Break),
                () => Reload(scene.Config.Write)
            ),
            _ => BeginSaidAsync(trouble, $"trigger {job.Name}", ["trigger", job.Name], mend: null),
        };
    }

    private Task<bool> BeginLost(bool toReceiver) =>
        Begin(
            Trouble.LostOneWay,
            "link",
            () => scene.Network.SetLost(toReceiver, isLost: true),
            () => scene.Network.SetLost(toReceiver, isLost: false)
        );

    private async Task<bool> BeginReceiverAsync(Trouble trouble, MonthReceiver receiver)
    {
        if (!MayEndProcesses || receiver.Process is null)
        {
            return false;
        }

        var ended = await receiver.EndAsync(isKilled: trouble == Trouble.ReceiverKilled);
        Judge(ended, trouble == Trouble.ReceiverStopped);
        tally.AddLog(ended.Error);
        Add(trouble, $"receiver {receiver.Name}", () => StartAsync(receiver));
        return true;
    }

    private async Task<bool> BeginLoopAsync(Trouble trouble)
    {
        // Once in three: it is one, and has more to do than to start. It does not start with what can not be used.
        if (
            !MayEndProcesses
            || scene.Loop.Process is null
            || IsThere(Trouble.ConfigBroken)
            || random.Next(3) > 0
        )
        {
            return false;
        }

        var ended = await scene.Loop.EndAsync(isKilled: trouble == Trouble.LoopKilled);
        Judge(ended, trouble == Trouble.LoopStopped);
        Add(
            trouble,
            "loop",
            async () =>
            {
                await scene.Loop.StartAsync();
                return true;
            }
        );
        return true;
    }

    private async Task<bool> StartAsync(MonthReceiver receiver)
    {
        try
        {
            await receiver.StartAsync();
            return true;
        }
        catch (InvalidOperationException failure)
            when (failure.Message.Contains("[state-full]", StringComparison.Ordinal)
                && _present.Exists(present =>
                    present.What.Equals($"disk {receiver.Name}", StringComparison.Ordinal)
                )
            )
        {
            tally.AddRefusal("serve", failure.Message);
            return false;
        }
    }

    private async Task<bool> BeginPromotedAsync(MonthReceiver receiver, MonthJob job)
    {
        var what = $"target {receiver.Name}/{job.Name}";
        if (IsThere(what))
        {
            return false;
        }

        string[] verb = random.Next(2) == 0 ? ["promote"] : ["promote", "--force"];
        var promoted = Heard("promote", await receiver.TargetAsync(job, verb));
        if (promoted.ExitCode == 0)
        {
            DeviceBytes.Write(receiver.Copy(job), 0, random.NextBytes(4096));
        }

        // A verb that failed may have done a part.
        Add(
            Trouble.TargetPromoted,
            what,
            async () =>
                Heard("demote", await receiver.TargetAsync(job, "demote", "--yes")).ExitCode == 0
                || promoted.ExitCode != 0
        );
        return true;
    }

    private Task<bool> BeginLimitedAsync(string name) =>
        BeginSaidAsync(Trouble.Limited, $"limit {name}", ["limit", name, LeastRate], ["limit", name, "auto"]);

    private async Task<bool> BeginSaidAsync(Trouble trouble, string what, string[] words, string[]? mend)
    {
        if (IsThere(what))
        {
            return false;
        }

        Heard(words[0], await scene.Loop.AskAsync(words));
        if (mend is null)
        {
            tally.Add(trouble);
        }
        else
        {
            Add(trouble, what, async () => Heard(mend[0], await scene.Loop.AskAsync(mend)).ExitCode == 0);
        }

        return true;
    }

    private Task<bool> Begin(Trouble trouble, string what, Action begin, Action? mend)
    {
        if (IsThere(what))
        {
            return Task.FromResult(false);
        }

        begin();
        if (mend is null)
        {
            tally.Add(trouble);
        }
        else
        {
            Add(
                trouble,
                what,
                () =>
                {
                    mend();
                    return Task.FromResult(true);
                }
            );
        }

        return Task.FromResult(true);
    }

    private void Reload(Action write)
    {
        write();
        scene.Loop.Reload();
    }

    private bool IsThere(string what) =>
        _present.Exists(present => present.What.Equals(what, StringComparison.Ordinal));

    private bool IsThere(Trouble trouble) => _present.Exists(present => present.Trouble == trouble);

    private void Add(Trouble trouble, string what, Func<Task<bool>> mend)
    {
        tally.Add(trouble);
        var isLong = trouble is Trouble.LinkDown or Trouble.LostOneWay && random.Next(8) == 0;
        var lasts = isLong ? (long)LongCut.TotalMilliseconds : random.Next(500, 5000);
        _present.Add(new Present(trouble, what, mend, isLong) { Until = Environment.TickCount64 + lasts });
    }

    /// <summary>Notes what was said of a verb.</summary>
    private ProgramResult Heard(string verb, ProgramResult said)
    {
        if (said.ExitCode != 0)
        {
            tally.AddRefusal(verb, said.Error);
            Assert.True(Refusals.Contains(said.ExitCode), $"{verb}: {said}");
        }

        return said;
    }

    private static void Judge(ProgramResult ended, bool isAsked) =>
        Assert.True(!isAsked || ended.ExitCode == Terminated, ended.ToString());

    /// <summary>Trouble that is there.</summary>
    private sealed record Present(Trouble Trouble, string What, Func<Task<bool>> MendAsync, bool IsLong)
    {
        /// <summary>When it is to be mended.</summary>
        public long Until { get; set; }
    }
}
