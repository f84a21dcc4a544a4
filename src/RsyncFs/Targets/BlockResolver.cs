using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;

namespace RsyncFs.Targets;

/// <summary>
/// Makes the new content of a block from its ops and from what the target holds, and proves it by the digest that
/// came with it (C1, C12). Used by one thread.
/// </summary>
internal sealed class BlockResolver(IBlockDevice device, BlockHasher hasher, BlockCodecs codecs)
{
    private readonly BlockLayout _layout = hasher.Layout;
    private readonly AlignedBuffer _content = new(hasher.Layout.BlockSizeBytes);
    private AlignedBuffer? _old;

    /// <summary>The content made last.</summary>
    public ReadOnlySpan<byte> ContentOf(long block) => _content.Span[.._layout.LengthOf(block)];

    /// <summary>Bytes read from the target so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>True if the sender can know what generation N holds, and so may send patches: in plan <c>tracked</c> alone (C6).</summary>
    public bool TakesPatches { get; set; }

    /// <summary>Makes the content; its signature if it proves, else null.</summary>
    /// <exception cref="ProtocolException">The literal bytes do not decode, or all pages came and still do not prove, or it is a patch that nobody can have made.</exception>
    /// <exception cref="DeviceException">The target could not be read.</exception>
    public Signature? Resolve(BlockChange change)
    {
        var content = _content.Span[.._layout.LengthOf(change.FirstBlock)];
        var isWhole = NamesEveryPage(_layout, change);
        if (!isWhole)
        {
            Read(_layout.OffsetOf(change.FirstBlock), content);
        }

        var old = change.IsPatch ? ReadOld(change.FirstBlock, content, isRead: !isWhole) : default;
        BlockLiteral.Fill(_layout, codecs, change, old, content);
        foreach (var copy in change.Copies)
        {
            Read(copy.BaseOffsetBytes, BlockLiteral.PagesOf(content, copy.FirstPage, copy.PageCount));
        }

        var signature = hasher.Compute(content);
        if (signature.Strong == change.Digest)
        {
            return signature;
        }

        // A patch of something else decodes as well: it is not the sender who is wrong.
        return isWhole && change.IsLiteral
            ? throw new ProtocolException(
                $"block {change.FirstBlock} came whole and does not match its digest"
            )
            : null;
    }

    /// <summary>The pages that <paramref name="change"/> gives content to.</summary>
    public static PageBitmap ChangedPages(BlockLayout layout, BlockChange change)
    {
        var pages = new PageBitmap(layout.PageCountOf(change.FirstBlock));
        for (var page = 0; page < pages.PageCount; page++)
        {
            if (change.WrittenPages?.Contains(page) == true || change.ZeroedPages?.Contains(page) == true)
            {
                pages.Add(page);
            }
        }

        foreach (var copy in change.Copies)
        {
            for (var page = copy.FirstPage; page < copy.FirstPage + copy.PageCount; page++)
            {
                pages.Add(page);
            }
        }

        return pages;
    }

    /// <summary>True if no page of the block keeps what it has.</summary>
    public static bool NamesEveryPage(BlockLayout layout, BlockChange change) =>
        (change.WrittenPages?.Count ?? 0)
            + (change.ZeroedPages?.Count ?? 0)
            + change.Copies.Sum(copy => copy.PageCount)
        == layout.PageCountOf(change.FirstBlock);

    /// <summary>The block in generation N, in memory of its own: <paramref name="content"/> is about to be overwritten.</summary>
    private ReadOnlySpan<byte> ReadOld(long block, ReadOnlySpan<byte> content, bool isRead)
    {
        if (!TakesPatches)
        {
            throw new ProtocolException($"block {block} came as a patch of what the sender can not know");
        }

        _old ??= new AlignedBuffer(_layout.BlockSizeBytes);
        var old = _old.Span[..content.Length];
        if (isRead)
        {
            content.CopyTo(old);
        }
        else
        {
            Read(_layout.OffsetOf(block), old);
        }

        return old;
    }

    private void Read(long offsetBytes, Span<byte> buffer)
    {
        device.Read(offsetBytes, buffer);
        BytesRead += buffer.Length;
    }
}
