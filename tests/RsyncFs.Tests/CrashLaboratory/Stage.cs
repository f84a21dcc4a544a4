using RsyncFs.Errors;
using RsyncFs.Tests.Laboratory;

namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>Where a story is told: what one receiver is asked to do, step by step.</summary>
/// <param name="life">The machine.</param>
/// <param name="begin">Done when the part of the story begins that is looked at.</param>
internal sealed class Stage(Life life, Action begin)
{
    public Life Life { get; } = life;

    public Chance Chance => Life.World.Chance;

    /// <summary>From here on things go wrong.</summary>
    public void Begin()
    {
        Life.Say("-- the story begins");
        begin();
    }

    /// <summary>A sender brings a new generation.</summary>
    public void Commit() => new Cycle(Life, Chance).Run();

    /// <summary>A sender brings what it brought before.</summary>
    public void Keep() => new Cycle(Life, Chance) { IsUnchanged = true }.Run();

    /// <summary>A sender begins, and its connection breaks.</summary>
    public void BreakOff() => new Cycle(Life, Chance) { BreaksOff = true, Resumes = Chance.OneIn(2) }.Run();

    /// <summary>A sender brings a new generation, whatever was left of an earlier one.</summary>
    public void CommitAnew() => new Cycle(Life, Chance) { Resumes = false }.Run();

    /// <summary>A sender brings a source of which nothing is as it was.</summary>
    public void CommitAllNew() => new Cycle(Life, Chance) { IsAllNew = true, Resumes = false }.Run();

    /// <summary>A sender brings a new generation, and somebody else writes to the device meanwhile.</summary>
    public void CommitDisturbed(Disturbance disturbance) =>
        new Cycle(Life, Chance) { Resumes = false, Disturbance = disturbance }.Run();

    /// <summary>The receiver is started again.</summary>
    public void Restart()
    {
        Life.Start();
        Life.SayWhatItIs();
    }

    /// <summary>A person does something to the target.</summary>
    /// <param name="becomes">What it is then.</param>
    /// <param name="act">How.</param>
    public void Change(Outcome becomes, Action act)
    {
        Life.Say($"a person makes it {becomes.Status}");
        Life.Target.Lease();
        try
        {
            Life.Ledger.MayBecome(becomes);
            act();
            Life.Ledger.Is(becomes);
            Judge.Look(Life);
            Life.SayWhatItIs();
        }
        finally
        {
            Life.Target.Release();
        }
    }

    /// <summary>A step that is refused.</summary>
    public void Refused(ErrorId id, Action act)
    {
        try
        {
            act();
        }
        catch (RsyncFsException refusal) when (refusal.Id == id)
        {
            Life.Say($"refused: {refusal.Message}");
            return;
        }

        if (Life.Machine.Faults.HasStruck)
        {
            // After a failed call it is not certain any more who wrote what.
            return;
        }

        throw Life.Violated("refuse", $"what must be refused as {id} was done");
    }
}
