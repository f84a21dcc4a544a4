using RsyncFs.Blocks;
using RsyncFs.Devices;

namespace RsyncFs.Sharing;

/// <summary>What one of several cycles over the same snapshot takes over from the others, and how much that is.</summary>
/// <param name="device">The snapshot.</param>
/// <param name="hasher">Layout and hash of this cycle.</param>
/// <param name="signatures">Those of the snapshot; null if they are not shared.</param>
/// <param name="blocks">The snapshot's content; null if it is not shared.</param>
internal sealed class SharedReads(
    IBlockDevice device,
    BlockHasher hasher,
    SharedSignatures? signatures,
    SharedBlocks? blocks
)
{
    private readonly SharedDevice? _content = blocks is null ? null : new SharedDevice(device, blocks);
    private long _bytesNotRead;

    /// <summary>The generation that the snapshot becomes, at this destination as at the others; null if it has one of its own.</summary>
    public Guid? Generation { get; init; }

    /// <summary>For reading the content of blocks that others may be sent, too.</summary>
    public IBlockDevice Content => _content ?? device;

    /// <summary>Bytes that this cycle looked at and did not read itself.</summary>
    public long BytesTakenOver => Interlocked.Read(ref _bytesNotRead) + (_content?.BytesTakenOver ?? 0);

    /// <summary>Fills in signatures, and the content if it is needed.</summary>
    /// <param name="firstBlock">The first block.</param>
    /// <param name="blockCount">How many.</param>
    /// <param name="needsContent">False if <paramref name="content"/> may be left undefined.</param>
    /// <param name="content">For their content.</param>
    /// <param name="entries">For their signature entries.</param>
    /// <exception cref="Errors.DeviceException">They could not be read.</exception>
    public void Fill(
        long firstBlock,
        int blockCount,
        bool needsContent,
        Span<byte> content,
        Span<byte> entries
    )
    {
        var offset = hasher.Layout.OffsetOf(firstBlock);
        if (signatures is null)
        {
            Content.Read(offset, content);
            hasher.WriteEntries(firstBlock, content, entries);
            return;
        }

        if (!signatures.TryTake(firstBlock, blockCount, entries))
        {
            Make(firstBlock, blockCount, needsContent, content, entries);
        }
        else if (needsContent)
        {
            Content.Read(offset, content);
        }
        else
        {
            Interlocked.Add(ref _bytesNotRead, content.Length);
        }
    }

    private void Make(
        long firstBlock,
        int blockCount,
        bool needsContent,
        Span<byte> content,
        Span<byte> entries
    )
    {
        try
        {
            // What nobody is sent need not be kept for anybody.
            var from = needsContent ? Content : device;
            from.Read(hasher.Layout.OffsetOf(firstBlock), content);
            hasher.WriteEntries(firstBlock, content, entries);
        }
        catch
        {
            signatures!.GiveUp(firstBlock, blockCount);
            throw;
        }

        signatures!.Give(firstBlock, blockCount, entries);
    }
}
