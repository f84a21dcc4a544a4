using RsyncFs.Blocks;
using RsyncFs.Devices;
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
    private const int RareDraw = 6;

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

    /// <summary>True once a call failed, and all work again.</summary>
    public bool IsMended { get; set; }

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
            Target = Open(() => Machine.Device.Reopen());
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

    /// <summary>Somebody else writes a sector of the device, durably.</summary>
    public void WriteByAnother(Chance chance)
    {
        WriteSector(chance);
        Ledger.HasForeignWrite = true;
    }

    /// <summary>Whoever has the device now writes to it, and copies the source onto that again, without a flush.</summary>
    public void UseGivenUp(Chance chance, TargetStatus status)
    {
        Ledger.Is(new Outcome(status));
        var copy = Machine.Device.Content;
        for (var count = chance.Below(4); count > 0; count--)
        {
            var at = WriteSector(chance);
            Say("and copies the source there");
            Machine.Device.WriteByAnother(at, copy.AsSpan(at, Sector.LengthBytes), isFlushed: false);
        }
    }

    private int WriteSector(Chance chance)
    {
        var sector = new byte[Sector.LengthBytes];
        chance.Fill(sector);
        var at = chance.Below((int)(Machine.Device.LengthBytes / sector.Length)) * sector.Length;
        Say($"somebody else writes the device at {at}");
        Machine.Device.WriteByAnother(at, sector);
        return at;
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

    /// <summary>The target with whatever device is found in its place.</summary>
    public Target Open(Func<IBlockDevice> device) =>
        new("t", device, Machine.State, World.Policy, World.Services);

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

    /// <summary>One crash is looked at often, a second one on the way of its recovery now and then.</summary>
    private int DrawsNow()
    {
        if (Crashes > 0 || Machine.Faults.HasStruck || IsMended)
        {
            return Chance.OneIn(RareDraw) ? 1 : 0;
        }

        return 1 + Chance.Below(3);
    }

    private void Explore()
    {
        for (var draws = DrawsNow(); draws > 0; draws--)
        {
            var fork = Fork();
            fork.Crash();
            Aftermath.Live(fork);
        }
    }
}
