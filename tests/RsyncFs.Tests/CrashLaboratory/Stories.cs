using RsyncFs.Blocks;
using RsyncFs.Errors;

namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>The stories that the laboratory tells. Each leaves the target in a state of its own when it is cut.</summary>
internal static class Stories
{
    private const long SmallJournalBytes = 64 * 1024;

    /// <summary>Every story by its name.</summary>
    public static IReadOnlyDictionary<string, Action<Stage>> All { get; } =
        new Dictionary<string, Action<Stage>>(StringComparer.Ordinal)
        {
            ["first-copy"] = FirstCopy,
            ["commit"] = Commit,
            ["aborted"] = Aborted,
            ["stale-tail"] = StaleTail,
            ["resume"] = Resume,
            ["keep"] = Keep,
            ["roles"] = Roles,
            ["adopt"] = Adopt,
            ["oversized"] = Oversized,
            ["disturbed"] = Disturbed,
        };

    /// <summary>True if the device's content may be believed by reading it: that needs one that is read past the page cache.</summary>
    public static bool Compares(string story) =>
        story is not ("commit" or "aborted" or "stale-tail" or "keep");

    /// <summary>Bytes that the story's device must have, about.</summary>
    public static long SmallestBytes(string story) => story is "oversized" ? 2 * SmallJournalBytes : 0;

    /// <summary>A device with whatever on it becomes a target.</summary>
    private static void FirstCopy(Stage stage)
    {
        stage.Begin();
        if (stage.Chance.OneIn(2))
        {
            stage.BreakOff();
        }

        stage.Commit();
        stage.Commit();
    }

    /// <summary>A generation over another, and one more over that.</summary>
    private static void Commit(Stage stage)
    {
        stage.Commit();
        stage.Begin();
        stage.Commit();
        stage.Commit();
    }

    /// <summary>A generation is begun and given up, and another one comes.</summary>
    private static void Aborted(Stage stage)
    {
        stage.Commit();
        stage.Begin();
        stage.BreakOff();
        stage.CommitAnew();
    }

    /// <summary>What an earlier journal left lies behind the end of a later, shorter one.</summary>
    private static void StaleTail(Stage stage)
    {
        stage.Commit();
        stage.Commit();
        stage.BreakOff();
        stage.Begin();
        stage.BreakOff();
        stage.CommitAnew();
        stage.CommitAnew();
    }

    /// <summary>A generation is begun, and gone on with.</summary>
    private static void Resume(Stage stage)
    {
        stage.Commit();
        stage.Begin();
        stage.BreakOff();
        if (stage.Chance.OneIn(2))
        {
            stage.Restart();
        }

        stage.BreakOff();
        stage.Commit();
    }

    /// <summary>Nothing changed on the source.</summary>
    private static void Keep(Stage stage)
    {
        stage.Commit();
        stage.Begin();
        stage.Keep();
        stage.Commit();
        stage.Keep();
    }

    /// <summary>Failover and back.</summary>
    private static void Roles(Stage stage)
    {
        var life = stage.Life;
        stage.Commit();
        stage.Begin();
        if (stage.Chance.OneIn(2))
        {
            stage.BreakOff();
        }

        var image = life.Machine.Device.Content;
        stage.Change(
            new Outcome(TargetStatus.Primary, Image: image),
            () => life.Ledger.Epoch = life.Target.Promote(force: false).Epoch
        );
        if (stage.Chance.OneIn(2))
        {
            stage.Restart();
        }

        var left = Use(stage, image, TargetStatus.Primary);
        stage.Change(new Outcome(TargetStatus.Adopted, Image: left), () => life.Target.Demote());
        stage.Commit();
        stage.Commit();
    }

    /// <summary>A target is released, and taken in again.</summary>
    private static void Adopt(Stage stage)
    {
        var life = stage.Life;
        stage.Commit();
        stage.Begin();
        if (stage.Chance.OneIn(2))
        {
            stage.BreakOff();
        }

        byte[]? image = life.Machine.Device.Content;
        if (stage.Chance.OneIn(2))
        {
            stage.Change(new Outcome(TargetStatus.Released, Image: image), () => life.Target.GiveUp());
            image = Use(stage, image, TargetStatus.Released);
        }

        stage.Change(
            new Outcome(TargetStatus.Adopted, Image: image),
            () => life.Target.Adopt(newSender: false, overwrite: false, copy: null)
        );
        stage.Commit();
    }

    /// <summary>The device that was given up is used, or not; what is on it then, null if a loss of power could change that.</summary>
    private static byte[]? Use(Stage stage, byte[]? image, TargetStatus status)
    {
        if (stage.Chance.OneIn(2))
        {
            return image;
        }

        stage.Life.UseGivenUp(stage.Chance, status);
        return null;
    }

    /// <summary>A delta does not fit the journal, and is written in place the next time.</summary>
    private static void Oversized(Stage stage)
    {
        var world = stage.Life.World;
        stage.Commit();
        world.Policy = world.Policy with
        {
            JournalLimitBytes = SmallJournalBytes,
            OversizedMode = ApplyMode.Direct,
        };
        stage.Restart();
        stage.Begin();
        stage.Refused(ErrorId.JournalFull, stage.CommitAllNew);
        if (stage.Chance.OneIn(2))
        {
            stage.Restart();
        }

        stage.CommitAllNew();
        stage.Commit();
    }

    /// <summary>Somebody writes to the device that is not theirs to write.</summary>
    private static void Disturbed(Stage stage)
    {
        var life = stage.Life;
        stage.Commit();
        stage.Begin();
        if (stage.Chance.OneIn(3))
        {
            life.WriteByAnother(stage.Chance);
            stage.Refused(ErrorId.TargetDiverged, stage.CommitAnew);
        }
        else
        {
            var moment = stage.Chance.OneIn(2) ? Disturbance.BeforeCommit : Disturbance.BeforeApply;
            stage.Refused(ErrorId.TargetInUse, () => stage.CommitDisturbed(moment));
        }

        life.Require(
            life.Machine.Faults.HasStruck || life.Target.Record is { Status: TargetStatus.Diverged },
            "C10",
            "somebody else's write was found, and the state does not say so"
        );
        life.SayWhatItIs();
        stage.Commit();
        stage.Commit();
    }
}
