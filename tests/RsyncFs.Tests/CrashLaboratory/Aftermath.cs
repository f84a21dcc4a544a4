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
            var sector = new byte[Sector.LengthBytes];
            chance.Fill(sector);
            var at = chance.Below((int)(life.Machine.Device.LengthBytes / sector.Length)) * sector.Length;
            life.Say($"somebody writes the device at {at}");
            life.Machine.Device.WriteByAnother(at, sector);
            life.Ledger.HasForeignWrite = true;
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
        var at = name is "state"
            ? (chance.Below(2) * SlotDistanceBytes) + chance.Below(Sector.LengthBytes)
            : chance.Below((int)Math.Min(int.MaxValue, bytes.Length));
        life.Say($"{name} rots at {at}");
        Span<byte> rotten = stackalloc byte[1];
        bytes.Read(at, rotten);
        rotten[0] ^= (byte)(1 << chance.Below(8));
        bytes.Damage(at, rotten);
        life.Ledger.HasRot = true;
    }
}
