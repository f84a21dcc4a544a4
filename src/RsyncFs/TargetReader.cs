using RsyncFs.Blocks;
using RsyncFs.Delta;
using RsyncFs.Devices;
using RsyncFs.Maps;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;

namespace RsyncFs;

/// <summary>Answers questions about what the target's device holds, by reading it.</summary>
internal sealed class TargetReader(IBlockDevice device, BlockHasher hasher, Action<SessionPhase, long> report)
{
    // The scan is not shared with a sender in the same process: two threads keep a device busy.
    private const int ThreadCount = 2;

    private const int EndBytes = 1024 * 1024;

    private readonly AlignedBuffer _block = new(hasher.Layout.BlockSizeBytes);
    private long _bytesRead;
    private long _bytesScanned;

    /// <summary>Bytes read so far.</summary>
    public long BytesRead => _bytesRead + _bytesScanned;

    /// <summary>Reads the device into <paramref name="map"/>, up to <paramref name="endBlock"/>.</summary>
    /// <exception cref="Errors.DeviceException">The device could not be read.</exception>
    public async Task FillAsync(DigestMap map, long endBlock, CancellationToken cancellationToken)
    {
        var scanner = new Scanner(device, hasher, ThreadCount) { EndBlock = endBlock };
        await scanner.ScanAsync(
            (blocks, _) =>
            {
                map.Set(blocks.FirstBlock, blocks.Entries);
                report(SessionPhase.Scan, blocks.Extent.EndBytes);
                return ValueTask.CompletedTask;
            },
            cancellationToken
        );
        _bytesScanned += scanner.BytesRead;
    }

    /// <summary>
    /// True if the first and the last MiB of the device are what <paramref name="map"/> takes them for: where labels,
    /// superblocks and whoever mounts it write first.
    /// </summary>
    /// <exception cref="Errors.DeviceException">The device could not be read.</exception>
    /// <exception cref="Errors.StateException">The map could not be read.</exception>
    public bool EndsAreAs(DigestMap map)
    {
        var layout = hasher.Layout;
        var count = Math.Min(layout.BlockCount, Math.Max(1, EndBytes / layout.BlockSizeBytes));
        return Enumerable
            .Range(0, (int)count)
            .SelectMany(at => new[] { at, layout.BlockCount - 1 - at })
            .All(block => hasher.Hash.Compute(Read(block)) == map.ReadEntry(block).Strong);
    }

    /// <summary>The page hashes of some blocks.</summary>
    /// <exception cref="Errors.DeviceException">The device could not be read.</exception>
    public PageHashes HashPages(PageQuery query, CancellationToken cancellationToken)
    {
        var hashes = new List<uint>();
        foreach (var block in query.Blocks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var content = Read(block);
            for (var from = 0; from < content.Length; from += BlockLayout.PageSizeBytes)
            {
                var to = Math.Min(content.Length, from + BlockLayout.PageSizeBytes);
                hashes.Add(hasher.Hash.ComputePageHash(content[from..to]));
            }

            report(SessionPhase.Compare, _bytesRead);
        }

        return new PageHashes(query.Blocks[0], hashes);
    }

    /// <summary>The digests of some blocks as they are on the device, and whether <paramref name="map"/> has them all so.</summary>
    /// <exception cref="Errors.DeviceException">The device could not be read.</exception>
    /// <exception cref="Errors.StateException">The map could not be read.</exception>
    public (AuditDigests Answer, bool IsAsExpected) Audit(AuditQuery query, DigestMap map)
    {
        var digests = new ByteWriter(query.Blocks.Count * hasher.Hash.DigestLength);
        var isAsExpected = true;
        foreach (var block in query.Blocks)
        {
            var digest = hasher.Hash.Compute(Read(block));
            digests.WriteDigest(digest, hasher.Hash.DigestLength);
            isAsExpected &= digest == map.ReadEntry(block).Strong;
        }

        return (new AuditDigests(digests.WrittenMemory), isAsExpected);
    }

    private ReadOnlySpan<byte> Read(long block)
    {
        var content = _block.Span[..hasher.Layout.LengthOf(block)];
        device.Read(hasher.Layout.OffsetOf(block), content);
        _bytesRead += content.Length;
        return content;
    }
}
