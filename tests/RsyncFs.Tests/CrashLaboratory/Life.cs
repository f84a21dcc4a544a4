using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;

namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>
/// One machine from one start of its receiver to the next crash. Before each of its operations, copies of the machine
/// are crashed in many ways and recovered, and before each operation of such a recovery once more.
/// </summary>
internal sealed class Life
{
    private const int MaxCrashes = 2;

    private readonly Watch _watch;
    private readonly List<string>? _story;
    private bool _isEnded;

    private Life(
        World world,
        SimulatedMachine machine,
        Ledger ledger,
        ulong seed,
        int crashes,
        List<string>? story
    )
    {
        World = world;
        Machine = machine;
        Ledger = ledger;
        Chance = new Chance(seed);
        Crashes = crashes;
        _story = story;
        _watch = new Watch(this);
        machine.Faults.Observer = Observe;
    }

    public World World { get; }

    public SimulatedMachine Machine { get; }

    public Ledger Ledger { get; }

    /// <summary>Decides what becomes of copies of this machine, and never what it does itself.</summary>
    public Chance Chance { get; }

    /// <summary>Crashes before this life.</summary>
    public int Crashes { get; }

    /// <summary>True while copies are crashed before each operation.</summary>
    public bool IsExplored { get; set; }

    /// <summary>The receiver's target; only between <see cref="Start"/> and <see cref="Stop"/>.</summary>
    public Target Target { get; private set; } = null!;

    /// <summary>A new machine that nobody has written yet.</summary>
    public static Life First(World world, SimulatedMachine machine)
    {
        var ledger = new Ledger { Source = world.NewImage() };
        var story = world.IsTraced ? new List<string>() : null;
        return new Life(world, machine, ledger, world.Chance.NextNumber(), crashes: 0, story);
    }

    /// <summary>A copy of the machine, still running, and of all that was told of it.</summary>
    public Life Fork() =>
        new(
            World,
            Machine.Copy(),
            Ledger.Copy(),
            Chance.NextNumber(),
            Crashes + 1,
            _story is null ? null : [.. _story]
        );

    /// <summary>Writes into the story, if there is one.</summary>
    public void Say(string what) => _story?.Add(what);

    /// <summary>The process ends and is started again: whatever it left is settled, and looked at.</summary>
    public void Start()
    {
        Stop();
        World.Count.States++;
        Say("the receiver starts");
        try
        {
            Target = Open();
        }
        catch (RsyncFsException failure) when (!Machine.Faults.HasStruck)
        {
            throw Violated(
                "start",
                $"a receiver that nothing hinders does not start: {failure.Message}: {failure.Cause}"
            );
        }

        Judge.Look(this);
    }

    /// <summary>What was settled is said aloud: it must not be anything else at the next start.</summary>
    public void SayWhatItIs()
    {
        var record = Target.Record;
        var status = record?.Status ?? TargetStatus.Empty;
        var image = status == TargetStatus.Consistent ? null : Ledger.Find(record)?.Image;
        Say($"it is {status} {record?.Generation:N}");
        Ledger.Is(new Outcome(status, record?.Generation, image));
    }

    /// <summary>The process ends.</summary>
    public void Stop()
    {
        Target?.Dispose();
        Target = null!;
    }

    /// <summary>The power goes, or only the process.</summary>
    public void Crash()
    {
        Stop();
        if (Chance.OneIn(4))
        {
            Say("the process is killed");
            return;
        }

        Say("the power goes");
        Machine.Crash(new Chance(Chance.NextNumber()));
    }

    /// <summary>Nothing is looked at, and no copy made, from here on.</summary>
    public void End()
    {
        _isEnded = true;
        Stop();
    }

    /// <summary>The error of a broken promise, with the story until now.</summary>
    public ViolationException Violated(string check, string text)
    {
        _isEnded = true;
        return new ViolationException(check, text) { Story = _story ?? [] };
    }

    /// <summary>Throws unless <paramref name="holds"/>.</summary>
    public void Require(bool holds, string check, string text)
    {
        if (!holds)
        {
            throw Violated(check, text);
        }
    }

    private Target Open() =>
        new("t", () => Machine.Device.Reopen(), Machine.State, World.Policy, World.Services);

    private void Observe(in Operation operation)
    {
        if (_isEnded)
        {
            return;
        }

        World.Count.Operations++;
        _story?.Add(operation.ToString());
        _watch.Look(operation);
        if (IsExplored && Crashes < MaxCrashes && operation.ChangesSomething)
        {
            Explore();
        }
    }

    private void Explore()
    {
        // One crash is looked at often, a second one on the way of its recovery now and then.
        var draws = Crashes == 0 ? 1 + Chance.Below(3) : Chance.Below(2);
        for (; draws > 0; draws--)
        {
            var fork = Fork();
            fork.Crash();
            Aftermath.Live(fork);
        }
    }
}
