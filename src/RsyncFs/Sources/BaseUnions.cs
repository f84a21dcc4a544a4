using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.State;

namespace RsyncFs.Sources;

/// <summary>
/// Where the generations that destinations are at differ from a base snapshot, for each the union of all changes since
/// (C6). Derived: it may be lost, and then a destination that is behind the base is served by its digests.
/// </summary>
/// <remarks>
/// File <c>unions</c>, a <see cref="DurableRecord"/>: number of snapshots u8, the evidence of each; block size u32, bytes
/// of the device i64; for each union: follows u8, its generation 16, number of runs varint, and for each run the blocks
/// since the end of the run before, varint, and its own, varint; at last a zero u8.
/// What it says is true for ever: outside of a union the generation is what any of these snapshots is. So an older file
/// is not wrong, and one that does not name the base says nothing of it.
/// </remarks>
internal sealed class BaseUnions
{
    private const string FileName = "unions";

    // The base, and the one that was proposed as the next.
    private const int MaxSnapshotCount = 2;

    private readonly List<ChangeEvidence> _snapshots = [];
    private readonly Dictionary<Guid, IReadOnlyList<Extent>> _unions = [];

    private BaseUnions() { }

    private static ReadOnlySpan<byte> Magic => "RSFSUNI1"u8;

    /// <summary>The unions up to <paramref name="base"/>; null if there is no file that is whole, of it and of this layout.</summary>
    public static BaseUnions? Load(IDurableDirectory directory, ChangeEvidence @base, BlockLayout layout)
    {
        try
        {
            var unions = DurableRecord.Load(
                directory,
                FileName,
                Magic,
                body => Decode(body, layout),
                "remove it: destinations that are behind the base are then served by their digests"
            );
            return unions?._snapshots.Contains(@base) == true ? unions : null;
        }
        catch (StateException)
        {
            // It is written anew when the base moves.
            return null;
        }
    }

    /// <summary>Whole blocks outside of which <paramref name="generation"/> is what the base is; null if that is not known.</summary>
    public IReadOnlyList<Extent>? Find(Guid generation) => _unions.GetValueOrDefault(generation);

    /// <summary>Durably adds what changed from the base to a later snapshot to each union, so that it is true of both.</summary>
    /// <param name="directory">Where the file is.</param>
    /// <param name="layout">The blocks.</param>
    /// <param name="from">The base.</param>
    /// <param name="to">The later snapshot, and what it is.</param>
    /// <param name="changed">Outside of these blocks the two are the same.</param>
    /// <param name="generations">Those whose unions are needed, those first that matter most. Of which none is known, none is kept.</param>
    /// <param name="isEither">True for a generation that is what one of the two snapshots is, under another name.</param>
    /// <exception cref="StateException">The old or this one is durable.</exception>
    public static void Extend(
        IDurableDirectory directory,
        BlockLayout layout,
        BaseSnapshot from,
        BaseSnapshot to,
        BlockSet changed,
        IEnumerable<Guid> generations,
        Func<Guid, bool> isEither
    )
    {
        var known = Load(directory, from.Evidence, layout);
        Save(directory, layout, [.. new[] { from.Evidence, to.Evidence }.Distinct()], Extended());

        IEnumerable<(Guid Generation, BlockSet Blocks)> Extended()
        {
            foreach (var member in generations)
            {
                var before =
                    member == to.Generation || member == from.Generation || isEither(member)
                        ? []
                        : known?.Find(member);
                if (before is not null)
                {
                    yield return (member, Union(before));
                }
            }
        }

        BlockSet Union(IReadOnlyList<Extent> before)
        {
            var union = new BlockSet(layout.BlockCount).With(before, layout);
            for (var block = changed.NextFrom(0); block >= 0; block = changed.NextFrom(block + 1))
            {
                union.Add(block);
            }

            return union;
        }
    }

    /// <summary>Durably replaces the file. A union for which there is no room is left out.</summary>
    /// <param name="directory">Where it is.</param>
    /// <param name="layout">The blocks.</param>
    /// <param name="snapshots">Each union is true of all of these.</param>
    /// <param name="unions">For each generation its union, those first that matter most.</param>
    /// <exception cref="StateException">The old or this one is durable.</exception>
    public static void Save(
        IDurableDirectory directory,
        BlockLayout layout,
        IReadOnlyCollection<ChangeEvidence> snapshots,
        IEnumerable<(Guid Generation, BlockSet Blocks)> unions
    )
    {
        var body = new ByteWriter();
        body.WriteByte((byte)snapshots.Count);
        foreach (var snapshot in snapshots)
        {
            EvidenceFields.Write(body, snapshot);
        }

        body.WriteUInt32((uint)layout.BlockSizeBytes);
        body.WriteInt64(layout.LengthBytes);
        foreach (var (generation, blocks) in unions)
        {
            var union = Encode(generation, blocks);
            // One byte for the end.
            if (body.Length + union.Length < DurableRecord.MaxBodyLength)
            {
                body.WriteBytes(union.Written);
            }
        }

        body.WriteBoolean(false);
        DurableRecord.Save(directory, FileName, Magic, body);
    }

    private static ByteWriter Encode(Guid generation, BlockSet blocks)
    {
        var runs = new ByteWriter();
        var count = 0UL;
        var end = 0L;
        for (var first = blocks.NextFrom(0); first >= 0; first = blocks.NextFrom(end), count++)
        {
            runs.WriteVarint((ulong)(first - end));
            for (end = first + 1; blocks.Contains(end); end++) { }
            runs.WriteVarint((ulong)(end - first));
        }

        var union = new ByteWriter();
        union.WriteBoolean(true);
        union.WriteGuid(generation);
        union.WriteVarint(count);
        union.WriteBytes(runs.Written);
        return union;
    }

    private static BaseUnions Decode(byte[] body, BlockLayout layout)
    {
        var reader = new ByteReader(body);
        var unions = new BaseUnions();
        var count = reader.ReadByte();
        if (count is 0 or > MaxSnapshotCount)
        {
            throw new InvalidDataException($"it is of {count} snapshots");
        }

        for (var left = count; left > 0; left--)
        {
            unions._snapshots.Add(EvidenceFields.Read(ref reader));
        }

        if (reader.ReadUInt32() != layout.BlockSizeBytes || reader.ReadInt64() != layout.LengthBytes)
        {
            throw new InvalidDataException("it is of a device of another shape");
        }

        while (reader.ReadBoolean())
        {
            unions._unions[reader.ReadGuid()] = DecodeRuns(ref reader, layout);
        }

        reader.EnsureEnd();
        return unions;
    }

    private static List<Extent> DecodeRuns(ref ByteReader reader, BlockLayout layout)
    {
        var extents = new List<Extent>();
        var end = 0L;
        for (var left = reader.ReadVarint(layout.BlockCount); left > 0; left--)
        {
            var first = end + reader.ReadVarint(layout.BlockCount - end);
            var count = reader.ReadVarint(layout.BlockCount - first);
            if (count == 0)
            {
                throw new InvalidDataException("a run of no blocks");
            }

            extents.Add(layout.ExtentOf(first, count));
            end = first + count;
        }

        return extents;
    }
}
