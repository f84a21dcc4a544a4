using RsyncFs.Errors;
using RsyncFs.Tests.Laboratory;

namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>Tells one story, and lets everything go wrong in it that can, in one way.</summary>
/// <param name="id">Which.</param>
/// <param name="count">Where to count.</param>
/// <param name="isTraced">True to write every operation down.</param>
internal sealed class Case(CaseId id, LaboratoryCount count, bool isTraced)
{
    private const int MaxCalls = 400;

    /// <summary>Runs it; null if nothing was broken.</summary>
    public ViolationException? Run()
    {
        count.Cases++;
        try
        {
            if (id.Mode == CaseMode.Crash)
            {
                Tell(failingCall: 0);
                return null;
            }

            // The n-th call fails, for every n of the story; when it ends before, all have been.
            for (var call = 1; call < MaxCalls && Tell(call); call++) { }
            return null;
        }
        catch (ViolationException violation)
        {
            return violation;
        }
    }

    private FaultKind Kind =>
        id.Mode switch
        {
            CaseMode.Io => FaultKind.Io,
            CaseMode.NoRoom => FaultKind.NoRoom,
            CaseMode.NoRoomFromHere => FaultKind.NoRoomFromHere,
            CaseMode.LostWrite => FaultKind.LostWrite,
            _ => FaultKind.StrayWrite,
        };

    /// <summary>Tells the story once; true if it made the call that was to fail.</summary>
    private bool Tell(long failingCall)
    {
        var world = new World(id.Seed, id.Size, Stories.SmallestBytes(id.Story), count, isTraced);
        var machine = new SimulatedMachine(
            (int)world.Layout.LengthBytes,
            world.Chance.NextNumber(),
            hasPageCache: !Stories.Compares(id.Story) && world.Chance.OneIn(4)
        );
        machine.Device.Fill(world.NewImage());
        var life = Life.First(world, machine);
        life.Start();
        var stage = new Stage(life, Begin);
        try
        {
            Stories.All[id.Story](stage);
        }
        catch (RsyncFsException failure) when (machine.Faults.HasStruck)
        {
            life.Say($"it fails: {failure.Message}: {failure.Cause}");
        }
        catch (RsyncFsException failure)
        {
            throw life.Violated(
                "failure",
                $"nothing hinders, and it fails: {failure.Message}: {failure.Cause}"
            );
        }

        var wasReached = machine.Faults.HasStruck || machine.Faults.CallCount >= failingCall;
        if (machine.Faults.HasStruck)
        {
            Recover(life);
        }

        life.End();
        return wasReached;

        void Begin()
        {
            if (failingCall == 0)
            {
                life.IsExplored = true;
            }
            else
            {
                life.Say($"-- call {failingCall} will fail: {Kind}");
                life.Ledger.DiskLies = Kind is FaultKind.LostWrite or FaultKind.StrayWrite;
                machine.Faults.MayLie = path => path is "state/journal" or "state/map";
                machine.Faults.FailAt(failingCall, Kind);
            }
        }
    }

    /// <summary>A call has failed. Whatever comes now, nothing that was said is lost, and the next cycle that nothing hinders succeeds.</summary>
    private static void Recover(Life life)
    {
        var faults = life.Machine.Faults;
        for (var i = 0; i < 2; i++)
        {
            var fork = life.Fork();
            fork.Crash();
            Aftermath.Live(fork);
        }

        GoOnWithoutRoom(life);
        faults.Restart();
        life.Ledger.HasRot |= life.Ledger.DiskLies;
        life.Ledger.DiskLies = false;
        (life.IsExplored, life.IsMended) = (true, true);
        if (life.Target is not null && life.Chance.OneIn(2))
        {
            life.Say("the receiver goes on");
            life.World.Count.States++;
            life.Target.Lease();
            life.Target.Release();
            Judge.Look(life);
        }
        else
        {
            life.Start();
        }

        life.SayWhatItIs();
        Cycle.RunToSuccess(life, life.Chance);
        life.IsExplored = false;
        life.Crash();
        life.Start();
    }

    /// <summary>A disk that stays full lets nothing happen, and nothing wrong.</summary>
    private static void GoOnWithoutRoom(Life life)
    {
        if (!life.Machine.Faults.IsFull)
        {
            return;
        }

        try
        {
            life.Start();
            life.SayWhatItIs();
            new Cycle(life, life.Chance).Run();
        }
        catch (RsyncFsException failure)
        {
            life.Say($"it fails: {failure.Message}: {failure.Cause}");
        }
    }
}
