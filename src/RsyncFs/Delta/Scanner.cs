using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Sharing;

namespace RsyncFs.Delta;

/// <summary>
/// One pass over a device: reads it in large pieces on a few threads, hashes every block, and hands the results on in
/// order. Holes are not read. Memory does not depend on the device.
/// </summary>
internal sealed class Scanner(IBlockDevice device, BlockHasher hasher, int threadCount)
{
    /// <summary>Bytes of a read: request size is what decides the speed of direct reads, and beyond 4 MiB nothing is gained.</summary>
    public const int ReadBytes = 4 * 1024 * 1024;

    // A few more than the threads, so that none waits while the consumer looks at a result.
    private const int SpareSlots = 2;

    private long _bytesRead;

    /// <summary>Only these blocks are read and handed on; null for all.</summary>
    public BlockSet? Only { get; init; }

    /// <summary>The scan ends before this block.</summary>
    public long EndBlock { get; init; } = hasher.Layout.BlockCount;

    /// <summary>What may be taken over from other scans of the same device; null for nothing.</summary>
    public SharedReads? Shared { get; init; }

    /// <summary>False if only signatures are wanted: content that was taken over is then left undefined.</summary>
    public bool NeedsContent { get; init; } = true;

    /// <summary>Bytes looked at so far: read from the device, or taken over.</summary>
    public long BytesRead => Interlocked.Read(ref _bytesRead);

    /// <summary>Scans all blocks from the first to <see cref="EndBlock"/>.</summary>
    /// <param name="consume">Called in block order, one at a time.</param>
    /// <param name="cancellationToken">Ends the scan early.</param>
    /// <exception cref="Errors.DeviceException">A read failed; what was handed on until then stands.</exception>
    /// <exception cref="OperationCanceledException">The scan was ended early.</exception>
    public Task ScanAsync(
        Func<ScannedBlocks, CancellationToken, ValueTask> consume,
        CancellationToken cancellationToken
    ) => ScanAsync(blocks => blocks, (_, _) => { }, consume, () => false, cancellationToken);

    /// <summary>As above, with something done to each piece on the scanning threads before it is handed on.</summary>
    /// <param name="makeSlot">Wraps the memory of a piece.</param>
    /// <param name="work">Called on several threads at once, after the piece was read and hashed.</param>
    /// <param name="consume">Called in block order, one at a time.</param>
    /// <param name="isEnough">Asked before each piece; once it says true, only those are handed on that are read already.</param>
    /// <param name="cancellationToken">Ends the scan early.</param>
    public Task ScanAsync<TSlot>(
        Func<ScannedBlocks, TSlot> makeSlot,
        Action<ScannedBlocks, TSlot> work,
        Func<TSlot, CancellationToken, ValueTask> consume,
        Func<bool> isEnough,
        CancellationToken cancellationToken
    )
    {
        var layout = hasher.Layout;
        var blocksPerRead = (int)Math.Min(ReadBytes / layout.BlockSizeBytes, layout.BlockCount);
        var slots = new List<Piece<TSlot>>();
        for (
            var i = 0L;
            i <= layout.BlockCount / Math.Max(1, blocksPerRead) && i < threadCount + SpareSlots;
            i++
        )
        {
            var blocks = new ScannedBlocks(blocksPerRead, hasher);
            slots.Add(new Piece<TSlot>(blocks, makeSlot(blocks)));
        }

        var holes = new HoleMap(device);
        var next = 0L;
        return OrderedPipeline.RunAsync(
            slots,
            threadCount,
            (piece, _) =>
            {
                var count = isEnough() ? 0 : NextRun(ref next, blocksPerRead);
                if (count == 0)
                {
                    return ValueTask.FromResult(false);
                }

                piece.Blocks.Prepare(layout, next, count, holes);
                next += count;
                return ValueTask.FromResult(true);
            },
            (piece, _) =>
            {
                piece.Blocks.ReadAndHash(device, hasher, Shared, NeedsContent);
                Interlocked.Add(ref _bytesRead, piece.Blocks.IsHole ? 0 : piece.Blocks.Extent.LengthBytes);
                work(piece.Blocks, piece.Slot);
            },
            (piece, token) => consume(piece.Slot, token),
            cancellationToken
        );
    }

    /// <summary>Moves <paramref name="next"/> to the next block to read; gives how many follow it, 0 at the end.</summary>
    private int NextRun(ref long next, int most)
    {
        if (Only is null)
        {
            return (int)Math.Min(most, EndBlock - next);
        }

        var first = Only.NextFrom(next);
        if (first < 0)
        {
            return 0;
        }

        next = first;
        var count = 1;
        while (count < most && Only.Contains(first + count))
        {
            count++;
        }

        return count;
    }

    private sealed record Piece<TSlot>(ScannedBlocks Blocks, TSlot Slot);
}
