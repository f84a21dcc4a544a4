using RsyncFs.Blocks;

namespace RsyncFs.Sharing;

/// <summary>
/// The signatures of one snapshot that several scans of it need. Whoever comes to a piece first reads and hashes it; the
/// others wait for that, or find it done. So many of the last pieces are kept; who is farther behind than that reads
/// them again. Safe to use from several threads.
/// </summary>
/// <param name="hasher">Made the signatures. A scan by another layout, hash or seed shares nothing.</param>
/// <param name="capacityBytes">Bytes of signatures that are kept.</param>
internal sealed class SharedSignatures(
    BlockHasher hasher,
    int capacityBytes = SharedSignatures.DefaultCapacityBytes
)
{
    /// <summary>Signatures of some 100 GiB in blocks of 64 KiB.</summary>
    public const int DefaultCapacityBytes = 32 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<Piece, TaskCompletionSource<byte[]?>> _pieces = [];
    private readonly Queue<Piece> _done = new();
    private long _doneBytes;

    /// <summary>True if what <paramref name="other"/> makes is the same.</summary>
    public bool IsOf(BlockHasher other) => other.Layout == hasher.Layout && other.Hash == hasher.Hash;

    /// <summary>Takes over the entries of a piece, or leaves it to the caller to make them.</summary>
    /// <param name="firstBlock">The first block of the piece.</param>
    /// <param name="blockCount">How many it has. A piece that is cut otherwise is another one.</param>
    /// <param name="entries">Gets their entries.</param>
    /// <returns>True if they were taken over. If false the caller reads and hashes, and then calls <see cref="Give"/> or <see cref="GiveUp"/>.</returns>
    public bool TryTake(long firstBlock, int blockCount, Span<byte> entries)
    {
        var piece = new Piece(firstBlock, blockCount);
        while (true)
        {
            Task<byte[]?> made;
            lock (_gate)
            {
                if (!_pieces.TryGetValue(piece, out var there))
                {
                    _pieces[piece] = new TaskCompletionSource<byte[]?>();
                    return false;
                }

                made = there.Task;
            }

            // It reads the device, and nothing else: it ends as any read does.
            if (made.GetAwaiter().GetResult() is { } known)
            {
                known.CopyTo(entries);
                return true;
            }
        }
    }

    /// <summary>Hands on what the caller made of a piece that was left to it.</summary>
    public void Give(long firstBlock, int blockCount, ReadOnlySpan<byte> entries)
    {
        var piece = new Piece(firstBlock, blockCount);
        var kept = entries.ToArray();
        lock (_gate)
        {
            _pieces[piece].SetResult(kept);
            _done.Enqueue(piece);
            _doneBytes += kept.Length;
            while (_doneBytes > capacityBytes)
            {
                var oldest = _done.Dequeue();
                _doneBytes -= (long)oldest.BlockCount * hasher.EntryLength;
                _pieces.Remove(oldest);
            }
        }
    }

    /// <summary>Says that the caller could not read a piece that was left to it: the next one tries for itself.</summary>
    public void GiveUp(long firstBlock, int blockCount)
    {
        lock (_gate)
        {
            _pieces.Remove(new Piece(firstBlock, blockCount), out var claimed);
            claimed?.SetResult(null);
        }
    }

    private readonly record struct Piece(long FirstBlock, int BlockCount);
}
