using RsyncFs.Blocks;
using RsyncFs.Tests.Laboratory;

namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>Makes the records of a delta, in all the forms that a sender has for one block.</summary>
/// <param name="world">The volume.</param>
/// <param name="chance">Chooses among the forms.</param>
internal sealed class DeltaMaker(World world, Chance chance)
{
    private const int Searched = 512;

    private readonly BlockLayout _layout = world.Layout;

    /// <summary>The records that make <paramref name="generation"/> of <paramref name="held"/>.</summary>
    /// <param name="held">What the target holds.</param>
    /// <param name="generation">What it is to hold.</param>
    /// <param name="mayCopy">True if content may be taken from what the target holds.</param>
    public Delta Difference(byte[] held, Generation generation, bool mayCopy)
    {
        var records = new List<DeltaRecord>();
        for (var block = 0L; block < _layout.BlockCount; block++)
        {
            if (!world.BytesOf(held, block).SequenceEqual(world.BytesOf(generation.Image, block)))
            {
                Add(
                    records,
                    (DeltaRecord?)ZeroRunAt(generation.Image, block)
                        ?? Partial(held, generation, block, mayCopy)
                );
            }
        }

        return Remember(new Delta(generation, records, IsFull: false));
    }

    /// <summary>Records of every block, whatever the target holds.</summary>
    public Delta Full(Generation generation)
    {
        var records = new List<DeltaRecord>();
        for (var block = 0L; block < _layout.BlockCount; block++)
        {
            Add(records, (DeltaRecord?)ZeroRunAt(generation.Image, block) ?? Whole(generation, block));
        }

        return Remember(new Delta(generation, records, IsFull: true));
    }

    private Delta Remember(Delta delta)
    {
        world.Remember(delta);
        return delta;
    }

    private static void Add(List<DeltaRecord> records, DeltaRecord record)
    {
        if (
            record is ZeroRun
            && records is [.., ZeroRun last]
            && last.FirstBlock + last.BlockCount == record.FirstBlock
        )
        {
            records[^1] = new ZeroRun(last.FirstBlock, last.BlockCount + 1);
            return;
        }

        records.Add(record);
    }

    private ZeroRun? ZeroRunAt(byte[] image, long block) =>
        world.BytesOf(image, block).ContainsAnyExcept((byte)0) || chance.OneIn(8)
            ? null
            : new ZeroRun(block, 1);

    private BlockChange Whole(Generation generation, long block)
    {
        var bytes = world.BytesOf(generation.Image, block);
        return new BlockChange(block, DigestOf(bytes))
        {
            WrittenPages = PageBitmap.All(_layout.PageCountOf(block)),
            Stored = bytes.ToArray(),
        };
    }

    private BlockChange Partial(byte[] held, Generation generation, long block, bool mayCopy)
    {
        var bytes = world.BytesOf(generation.Image, block);
        var before = world.BytesOf(held, block);
        var pageCount = _layout.PageCountOf(block);
        var (written, zeroed) = (new PageBitmap(pageCount), new PageBitmap(pageCount));
        var copies = new List<CopyOp>();
        var stored = new List<byte>();
        var isWhole = chance.OneIn(4);
        for (var page = 0; page < pageCount; page++)
        {
            var content = PageOf(bytes, page);
            if (!isWhole && content.SequenceEqual(PageOf(before, page)))
            {
                continue;
            }

            if (!content.ContainsAnyExcept((byte)0) && !chance.OneIn(4))
            {
                zeroed.Add(page);
            }
            else if (mayCopy && FindIn(held, content) is >= 0 and var from)
            {
                copies.Add(new CopyOp(page, 1, from));
            }
            else
            {
                written.Add(page);
                stored.AddRange(content);
            }
        }

        var patch = mayCopy && !written.IsEmpty && chance.OneIn(3) ? PatchOf(written, before, bytes) : null;
        return new BlockChange(block, DigestOf(bytes))
        {
            WrittenPages = written.IsEmpty ? null : written,
            IsPatch = patch is not null,
            Codec = patch is null ? CodecId.Raw : world.Services.Codec.Id,
            ZeroedPages = zeroed.IsEmpty ? null : zeroed,
            Copies = copies,
            Stored = patch ?? stored.ToArray(),
        };
    }

    private byte[] PatchOf(PageBitmap pages, ReadOnlySpan<byte> before, ReadOnlySpan<byte> bytes)
    {
        var room = new byte[2 * bytes.Length];
        var length = BlockPatch.Encode(world.Services.Codec, pages, before, bytes, room);
        return room[..length];
    }

    private static ReadOnlySpan<byte> PageOf(ReadOnlySpan<byte> block, int page)
    {
        var from = page * BlockLayout.PageSizeBytes;
        return block[from..Math.Min(block.Length, from + BlockLayout.PageSizeBytes)];
    }

    private static int FindIn(byte[] held, ReadOnlySpan<byte> content)
    {
        // The first bytes are as good as all, and found faster.
        var start = content[..Math.Min(content.Length, Searched)];
        var at = held.AsSpan().IndexOf(start);
        return
            at >= 0
            && at + content.Length <= held.Length
            && held.AsSpan(at, content.Length).SequenceEqual(content)
            ? at
            : -1;
    }

    private Digest DigestOf(ReadOnlySpan<byte> bytes) => world.Hasher.Hash.Compute(bytes);
}
