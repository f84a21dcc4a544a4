using RsyncFs.Blocks;
using RsyncFs.Delta;
using RsyncFs.Devices;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Targets;

namespace RsyncFs;

/// <summary>Answers questions about what the target's device holds, by reading it.</summary>
internal sealed class TargetReader(IBlockDevice device, BlockHasher hasher, Action<SessionPhase, long> report)
{
    // The scan is not shared with a sender in the same process: two threads keep a device busy.
    private const int ThreadCount = 2;

    private readonly Scanner _scanner = new(device, hasher, ThreadCount);
    private readonly AlignedBuffer _block = new(hasher.Layout.BlockSizeBytes);
    private long _bytesRead;

    /// <summary>Bytes read so far.</summary>
    public long BytesRead => _bytesRead + _scanner.BytesRead;

    /// <summary>Reads the whole device into <paramref name="map"/>.</summary>
    /// <exception cref="Errors.DeviceException">The device could not be read.</exception>
    public Task FillAsync(DigestMap map, CancellationToken cancellationToken) =>
        _scanner.ScanAsync(
            (blocks, _) =>
            {
                map.Set(blocks.FirstBlock, blocks.Entries);
                report(SessionPhase.Scan, blocks.Extent.EndBytes);
                return ValueTask.CompletedTask;
            },
            cancellationToken
        );

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

    /// <summary>The digests of some blocks as they are on the device. One that <paramref name="map"/> does not have so makes the map void.</summary>
    /// <exception cref="Errors.DeviceException">The device could not be read.</exception>
    /// <exception cref="Errors.StateException">The map could not be read.</exception>
    public AuditDigests Audit(AuditQuery query, DigestMap map)
    {
        var digests = new ByteWriter(query.Blocks.Count * hasher.Hash.DigestLength);
        foreach (var block in query.Blocks)
        {
            var digest = hasher.Hash.Compute(Read(block));
            digests.WriteDigest(digest, hasher.Hash.DigestLength);
            if (digest != map.ReadEntry(block).Strong)
            {
                map.BreakSeal();
            }
        }

        return new AuditDigests(digests.WrittenMemory);
    }

    private ReadOnlySpan<byte> Read(long block)
    {
        var content = _block.Span[..hasher.Layout.LengthOf(block)];
        device.Read(hasher.Layout.OffsetOf(block), content);
        _bytesRead += content.Length;
        return content;
    }
}
