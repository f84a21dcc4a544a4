using RsyncFs.Blocks;
using RsyncFs.Delta;
using RsyncFs.Maps;
using RsyncFs.Protocol;

namespace RsyncFs;

/// <summary>Ships a whole device in one pass: read, hash, compress, send. Holes and zeros go as zero runs; nothing is compared.</summary>
internal sealed class WholeShipper(
    Scanner scanner,
    BlockHasher hasher,
    BlockEncoder encoder,
    DigestMap map,
    RemoteTarget remote,
    DeltaSender sender
)
{
    /// <summary>What lies before this block is on the target already: it is read and hashed, and not sent.</summary>
    public long FirstBlock { get; init; }

    /// <summary>Makes what was sent durable at the other end from time to time.</summary>
    public required DeltaCheckpoints Checkpoints { get; init; }

    private static readonly IReadOnlyList<MatchSpan> None = [];

    /// <summary>Ships every block, and fills the map.</summary>
    public async Task ShipAsync(Action<SessionPhase, long> report, CancellationToken cancellationToken)
    {
        await scanner.ScanAsync(
            blocks => new Piece(blocks),
            Encode,
            async (piece, token) =>
            {
                map.Set(piece.Blocks.FirstBlock, piece.Blocks.Entries);
                // What is on the target already is read all the same, and that takes time, too.
                sender.StopIfTimeIsOver(Math.Max(FirstBlock, piece.Blocks.FirstBlock));
                await sender.SendAsync(piece.Records, token);
                if (sender.IsStopped)
                {
                    return;
                }

                if (Checkpoints.IsDue)
                {
                    await Checkpoints.AskAsync(piece.Blocks.FirstBlock + piece.Blocks.BlockCount, token);
                    // One is always under way, so that a flush over there does not stop the sending here.
                    await remote.AwaitCheckpointsAsync(leaving: 1, token);
                }

                report(SessionPhase.Transfer, piece.Blocks.Extent.EndBytes);
            },
            () => sender.IsStopped,
            cancellationToken
        );
        await sender.FinishAsync(cancellationToken);
    }

    private void Encode(ScannedBlocks blocks, Piece piece)
    {
        piece.Records.Clear();
        piece.Scratch.Reset();
        var done = (int)Math.Clamp(FirstBlock - blocks.FirstBlock, 0, blocks.BlockCount);
        if (done == blocks.BlockCount)
        {
            return;
        }

        if (blocks.IsHole)
        {
            piece.Records.Add(new ZeroRun(blocks.FirstBlock + done, blocks.BlockCount - done));
            return;
        }

        for (var i = done; i < blocks.BlockCount; i++)
        {
            var block = blocks.FirstBlock + i;
            var content = blocks.DataMemory.Slice(
                i * hasher.Layout.BlockSizeBytes,
                hasher.Layout.LengthOf(block)
            );
            var digest = BlockHasher
                .ReadEntry(blocks.Entries.Slice(i * hasher.EntryLength, hasher.EntryLength))
                .Strong;
            piece.Records.Add(
                encoder.Encode(block, content, digest, neededPages: null, old: default, None, piece.Scratch)
            );
        }
    }

    private sealed class Piece(ScannedBlocks blocks)
    {
        public ScannedBlocks Blocks { get; } = blocks;

        public List<DeltaRecord> Records { get; } = [];

        // Room for gathered pages and for what they compress to, block after block.
        public Scratch Scratch { get; } = new(2 * blocks.MaxBytes);
    }
}
