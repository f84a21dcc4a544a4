using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Fuzz.Sessions;
using RsyncFs.Sources;
using RsyncFs.Targets;

namespace RsyncFs.Fuzz.Targets;

/// <summary>The other small records: the first byte says which, the rest is the file.</summary>
internal sealed class RecordTarget : FuzzTarget
{
    private static readonly string[] Names = ["watermark", "device", "unions"];
    private static readonly ChangeEvidence Base = new("base", -1, "");
    private static readonly BlockLayout Layout = new(1_000_000, 4096);

    /// <inheritdoc/>
    public override string Name => "records";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Covers =>
        [
            "RsyncFs.Targets.Watermark",
            "RsyncFs.Targets.KnownDevice",
            "RsyncFs.Sources.BaseUnions",
            "RsyncFs.State.DurableRecord",
        ];

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Words =>
        ["RSFSWMK1"u8.ToArray(), "RSFSDEV1"u8.ToArray(), "RSFSUNI1"u8.ToArray()];

    /// <inheritdoc/>
    protected override bool IsDocumented(Exception failure) => failure is StateException;

    /// <inheritdoc/>
    public override IEnumerable<byte[]> Seeds()
    {
        var directory = new MemoryDirectory();
        new Watermark(Guid.AllBitsSet, 5, new Digest(6, 7)).Save(directory);
        new KnownDevice("/dev/vg/lv", "LVM-1").Save(directory, KnownDevice.NotedByServe);
        var blocks = new BlockSet(Layout.BlockCount);
        blocks.Add(3);
        blocks.Add(4);
        blocks.Add(200);
        BaseUnions.Save(directory, Layout, [Base], [(Guid.AllBitsSet, blocks)]);
        for (byte i = 0; i < Names.Length; i++)
        {
            yield return [i, .. directory.ContentOf(Names[i])];
        }
    }

    /// <inheritdoc/>
    public override byte[] Fix(byte[] input)
    {
        RecordFile.Fix(input.AsSpan(Math.Min(1, input.Length)));
        return input;
    }

    /// <inheritdoc/>
    public override void Read(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }

        var name = Names[input[0] % Names.Length];
        var directory = MemoryDirectory.Of(name, input.AsSpan(1));
        switch (name)
        {
            case "watermark":
                var mark = Watermark.Load(directory);
                mark?.Save(directory);
                Require(Watermark.Load(directory) == mark, "another watermark");
                break;
            case "device":
                var device = KnownDevice.Load(directory, KnownDevice.NotedByServe)!;
                directory.Delete(name);
                device.Save(directory, KnownDevice.NotedByServe);
                Require(KnownDevice.Load(directory, KnownDevice.NotedByServe) == device, "another device");
                break;
            default:
                CheckUnion(directory);
                break;
        }
    }

    private static void CheckUnion(MemoryDirectory directory)
    {
        if (BaseUnions.Load(directory, Base, Layout)?.Find(Guid.AllBitsSet) is not { } union)
        {
            return;
        }

        var end = 0L;
        foreach (var extent in union)
        {
            Require(
                extent.OffsetBytes >= end && extent.EndBytes <= Layout.LengthBytes,
                $"{extent} of a union"
            );
            end = extent.EndBytes;
        }
    }
}
