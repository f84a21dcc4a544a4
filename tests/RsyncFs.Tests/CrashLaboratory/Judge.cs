using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Maps;
using RsyncFs.Targets;

namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>Looks at a target that has just been settled.</summary>
internal static class Judge
{
    private static readonly string[] KnownFiles =
    [
        "journal",
        "map",
        "scratch-map",
        "state",
        "state.new",
        "watermark",
        "watermark.new",
    ];

    /// <summary>Throws if the target is not what it may be.</summary>
    public static void Look(Life life)
    {
        var record = life.Target.Record;
        LookAtRecord(life, record);
        if (!life.Ledger.HasForeignWrite)
        {
            LookAtImage(life, record);
        }

        LookAtMap(life, record);
        LookAtFiles(life);
    }

    private static void LookAtRecord(Life life, TargetRecord? record)
    {
        var ledger = life.Ledger;
        var status = record?.Status ?? TargetStatus.Empty;
        life.Require(status != TargetStatus.Committed, "settle", "a target is open that was not settled");
        var isExcused =
            (ledger.HasForeignWrite && status == TargetStatus.Diverged)
            || (ledger.HasRot && record is not null);
        life.Require(
            isExcused || ledger.Find(record) is not null,
            "I2",
            $"it is {status} {record?.Generation:N}, and may be {string.Join(" or ", ledger.Outcomes)}"
        );
        if (record is null)
        {
            return;
        }

        life.Require(
            isExcused || record.Epoch >= ledger.Epoch || record.HighestEpoch >= ledger.Epoch,
            "fence",
            $"its epoch is {record.Epoch}, and {ledger.Epoch} was made known"
        );
        life.Require(
            isExcused || record.OverflowLimitBytes >= ledger.OverflowLimitBytes,
            "overflow",
            "it has forgotten that a delta did not fit"
        );
    }

    private static void LookAtImage(Life life, TargetRecord? record)
    {
        var generation = record is { Status: TargetStatus.Consistent }
            ? life.World.Find(record.Generation)
            : null;
        if (record is { Status: TargetStatus.Consistent } && generation is null)
        {
            throw life.Violated("I1", "it claims a generation that no sender made");
        }

        var expected = generation?.Image ?? life.Ledger.Find(record)?.Image;
        if (expected is null)
        {
            return;
        }

        var content = life.Machine.Device.Content;
        if (!content.AsSpan().SequenceEqual(expected))
        {
            var at = content.AsSpan().CommonPrefixLength(expected);
            throw life.Violated("I1", $"it says {record?.Status}, and byte {at} of the device is another");
        }

        life.Require(
            generation is null || record!.Root == generation.Root,
            "root",
            "its root digest is not that of its generation"
        );
    }

    /// <summary>I9: what is remembered of the device and believed must be what is on it.</summary>
    public static void LookAtMap(Life life, TargetRecord? record)
    {
        if (record is not { Status: TargetStatus.Consistent })
        {
            return;
        }

        try
        {
            using var map = life.Target.OpenTrustedMap(life.World.Hasher);
            if (map is not null)
            {
                CompareMap(life, map);
            }
        }
        catch (StateException) when (life.Ledger.HasRot || life.Machine.Faults.HasStruck)
        {
            // Its own digests tell that it is damaged, and nobody believes it.
        }
    }

    private static void CompareMap(Life life, DigestMap map)
    {
        var world = life.World;
        var content = life.Machine.Device.Content;
        for (var block = 0L; block < world.Layout.BlockCount; block++)
        {
            life.Require(
                map.ReadEntry(block) == world.Hasher.Compute(world.BytesOf(content, block)),
                "I9",
                $"the map that is believed has another signature of block {block}"
            );
        }
    }

    /// <summary>I12: a crash leaves one journal at most, and nothing that grows.</summary>
    private static void LookAtFiles(Life life)
    {
        foreach (var name in life.Machine.State.Names)
        {
            life.Require(KnownFiles.Contains(name), "I12", $"there is a file {name}");
        }
    }
}
