using RsyncFs.Blocks;
using RsyncFs.Linux.Native;

namespace RsyncFs.Fuzz.Targets;

/// <summary>A patch of a block of up to eight pages: page count, bytes missing in the last page, bitmap, then the stored bytes.</summary>
internal sealed class PatchTarget : FuzzTarget
{
    private const int Head = 3;
    private const int MostPages = 8;
    private const int MostBytes = MostPages * BlockLayout.PageSizeBytes;

    private readonly Lz4Codec _codec = new();
    private readonly byte[] _old = new byte[MostBytes];
    private readonly byte[] _stored = new byte[2 * MostBytes];
    private readonly byte[] _again = new byte[MostBytes];
    private readonly Guarded _content = new(MostBytes);

    public PatchTarget()
    {
        var dice = new Dice(1);
        for (var i = 0; i < _old.Length; i++)
        {
            _old[i] = (byte)dice.Below(7);
        }
    }

    /// <inheritdoc/>
    public override string Name => "patch";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Covers =>
        ["RsyncFs.Blocks.BlockPatch", "RsyncFs.Blocks.PageBitmap"];

    /// <inheritdoc/>
    public override int MaxLength => 16 * 1024;

    /// <inheritdoc/>
    protected override bool IsDocumented(Exception failure) => failure is InvalidDataException;

    /// <inheritdoc/>
    public override IEnumerable<byte[]> Seeds()
    {
        byte[][] heads =
        [
            [8, 0, 0x01],
            [8, 0, 0xFF],
            [8, 100, 0b1100_0110],
            [5, 255, 0b0001_1111],
            [1, 7, 1],
        ];
        foreach (var head in heads)
        {
            var (pages, length) = ShapeOf(head);
            var content = _old.AsSpan(0, length).ToArray();
            content[0] ^= 1;
            content[^1] ^= 1;
            content[length / 2] ^= 1;
            var used = BlockPatch.Encode(_codec, pages, _old.AsSpan(0, length), content, _stored);
            yield return [.. head, .. _stored.AsSpan(0, used)];
        }
    }

    /// <inheritdoc/>
    public override void Read(byte[] input)
    {
        if (input.Length < Head)
        {
            return;
        }

        var (pages, length) = ShapeOf(input);
        var old = _old.AsSpan(0, length);
        var content = _content.Take(length, 0xAA);
        try
        {
            BlockPatch.Decode(_codec, pages, old, input.AsSpan(Head), content);
        }
        finally
        {
            Require(_content.IsWhole(length), "bytes beside the block were written");
        }

        for (var page = 0; page < pages.PageCount; page++)
        {
            var bytes = content[(page * BlockLayout.PageSizeBytes)..];
            var isUntouched = !bytes[..Math.Min(bytes.Length, BlockLayout.PageSizeBytes)]
                .ContainsAnyExcept((byte)0xAA);
            Require(pages.Contains(page) || isUntouched, $"page {page} was written, and is in no piece");
        }

        // Where nothing was coded the poison is the content.
        var used = BlockPatch.Encode(_codec, pages, old, content, _stored);
        _again.AsSpan(0, length).Fill(0xAA);
        BlockPatch.Decode(_codec, pages, old, _stored.AsSpan(0, used), _again.AsSpan(0, length));
        Require(content.SequenceEqual(_again.AsSpan(0, length)), "other bytes when coded and decoded again");
    }

    private static (PageBitmap Pages, int Length) ShapeOf(ReadOnlySpan<byte> head)
    {
        var count = 1 + ((head[0] + MostPages - 1) % MostPages);
        var pages = new PageBitmap(count);
        for (var page = 0; page < count; page++)
        {
            if ((head[2] & (1 << page)) != 0)
            {
                pages.Add(page);
            }
        }

        return (pages, (count * BlockLayout.PageSizeBytes) - (head[1] * 16));
    }
}
