using RsyncFs.Errors;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;

namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>What happens to a machine that has just crashed.</summary>
internal static class Aftermath
{
    private const int SlotDistanceBytes = 1024 * 1024;

    private static readonly string[] RottingFiles = ["state", "journal", "map", "watermark"];

    /// <summary>It starts again, perhaps after some further harm; is looked at; and perhaps goes on working.</summary>
    public static void Live(Life life)
    {
        life.IsExplored = true;
        Harm(life);
        if (life.Chance.OneIn(24))
        {
            StartWithAnotherDevice(life);
        }

        life.Start();
        life.SayWhatItIs();
        var chance = life.Chance;
        if (chance.OneIn(4))
        {
            // What it says is durable now: it can crash at once, and says the same.
            var fork = life.Fork();
            fork.Crash();
            fork.Start();
            fork.End();
        }

        if (chance.OneIn(8))
        {
            // The next cycle meets whatever was left: old journals above all.
            Cycle.RunToSuccess(life, new Chance(chance.NextNumber()));
            life.IsExplored = false;
            life.Crash();
            life.Start();
        }

        life.End();
    }

    /// <summary>I11: what was begun on one device is never gone on with on another.</summary>
    private static void StartWithAnotherDevice(Life life)
    {
        life.Say("another device is where the target was");
        var faults = life.Machine.Faults;
        var length = (int)life.Machine.Device.LengthBytes;
        using var other = new SimulatedBlockDevice(length, faults, name: "other") { StableId = "serial 2" };
        try
        {
            life.Open(() => other).Dispose();
        }
        catch (RefusedException)
        {
            // It waits for its own.
        }

        life.Require(
            !other.Content.AsSpan().ContainsAnyExcept((byte)0),
            "I11",
            "a device was written that is not the target's"
        );
    }

    private static void Harm(Life life)
    {
        var chance = life.Chance;
        if (!life.Ledger.HasRot && chance.OneIn(24))
        {
            // Once: nothing outlives the loss of both slots.
            Rot(life, RottingFiles[chance.Below(RottingFiles.Length)]);
        }

        if (chance.OneIn(24))
        {
            life.WriteByAnother(chance);
        }
    }

    private static void Rot(Life life, string name)
    {
        if (life.Machine.State.BytesOf(name) is not { Length: > 0 } bytes)
        {
            return;
        }

        // One slot of the state, one sector of anything else.
        var chance = life.Chance;
        var slot = chance.Below(2);
        var at = name is "state"
            ? (slot * SlotDistanceBytes) + chance.Below(Sector.LengthBytes)
            : chance.Below((int)Math.Min(int.MaxValue, bytes.Length));
        if (name is "state" && !IsWhole(bytes, 1 - slot))
        {
            // A write that failed may have torn the other: two losses are more than two slots can bear.
            return;
        }

        life.Say($"{name} rots at {at}");
        Span<byte> rotten = stackalloc byte[1];
        bytes.Read(at, rotten);
        rotten[0] ^= (byte)(1 << chance.Below(8));
        bytes.Damage(at, rotten);
        life.Ledger.HasRot = true;
    }

    private static bool IsWhole(VolatileBytes bytes, long slot)
    {
        var offset = slot * SlotDistanceBytes;
        if (bytes.Length < offset + StateSlot.LengthBytes)
        {
            return false;
        }

        var content = new byte[StateSlot.LengthBytes];
        bytes.Read(offset, content);
        return StateSlot.TryDecode(content) is not null;
    }
}
