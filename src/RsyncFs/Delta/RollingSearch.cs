using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RsyncFs.Blocks;

namespace RsyncFs.Delta;

/// <summary>
/// Finds content that the target already holds, at whatever byte offset it now lies: the search of rsync. Any
/// number of threads may search at once.
/// </summary>
/// <remarks>
/// Tridgell's thesis, section 3.2; <c>match.c:hash_search</c> of rsync. Other than rsync, it gives up on a window in
/// which too many weak checksums were right and strong ones wrong: no content may make a search cost more than a
/// small multiple of reading it.
/// </remarks>
public sealed class RollingSearch
{
    /// <summary>
    /// False alarms that are allowed for each block length of a window. Random content has less than one with a
    /// million blocks in the index; each costs a strong hash of a block, a tenth of rolling over it.
    /// </summary>
    public const int FalseAlarmsPerBlock = 8;

    private readonly SignatureIndex _index;
    private readonly int _blockSizeBytes;
    private readonly StrongHash _hash;
    private readonly BaseDigestLookup _baseDigest;

    /// <summary>Makes a search for the blocks in <paramref name="index"/>.</summary>
    /// <param name="index">The base's whole blocks.</param>
    /// <param name="blockSizeBytes">Their size.</param>
    /// <param name="hash">The volume's strong hash.</param>
    /// <param name="baseDigest">The base's digests of that hash. Asked for candidates, and for the block that follows a match.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is not that of a block.</exception>
    public RollingSearch(
        SignatureIndex index,
        int blockSizeBytes,
        StrongHash hash,
        BaseDigestLookup baseDigest
    )
    {
        if (!BlockLayout.IsValidBlockSize(blockSizeBytes))
        {
            throw new ArgumentOutOfRangeException(nameof(blockSizeBytes), blockSizeBytes, "not a block size");
        }

        _index = index;
        _blockSizeBytes = blockSizeBytes;
        _hash = hash;
        _baseDigest = baseDigest;
    }

    /// <summary>
    /// What of <paramref name="window"/> the base holds: in source order, not overlapping, neighbours with the same
    /// displacement joined, each a whole number of blocks long. Every span was proven by the strong hash. Content
    /// is found where a whole base block lies within the window; it may be found where it always was.
    /// </summary>
    /// <param name="window">Source bytes, of any length.</param>
    /// <param name="windowOffsetBytes">Where they begin on the source.</param>
    public IReadOnlyList<MatchSpan> Find(ReadOnlySpan<byte> window, long windowOffsetBytes)
    {
        var spans = new List<MatchSpan>();
        if (window.Length < _blockSizeBytes || _index.BlockCount == 0)
        {
            return spans;
        }

        var last = window.Length - _blockSizeBytes;
        var alarmsLeft = FalseAlarmsPerBlock * (1 + (window.Length / _blockSizeBytes));
        var position = 0;
        var checksum = new RollingChecksum(BlockAt(window, position));
        while (TrySkipToCandidate(window, ref position, ref checksum))
        {
            var baseBlock = FindEqual(BlockAt(window, position), checksum.Value, ref alarmsLeft);
            if (baseBlock >= 0)
            {
                position = FollowMatch(window, position, baseBlock, windowOffsetBytes, spans);
                if (position > last)
                {
                    break;
                }

                checksum = new RollingChecksum(BlockAt(window, position));
            }
            else if (position == last || alarmsLeft == 0)
            {
                break;
            }
            else
            {
                checksum = checksum.Roll(window[position], window[position + _blockSizeBytes]);
                position++;
            }
        }

        return spans;
    }

    /// <summary>Rolls on to the next position whose checksum passes the filter; false if there is none.</summary>
    private bool TrySkipToCandidate(ReadOnlySpan<byte> window, ref int position, ref RollingChecksum checksum)
    {
        // The loop of the whole search. Both references stay inside the window: position stops at the last block.
        ref var leaving = ref MemoryMarshal.GetReference(window);
        ref var entering = ref Unsafe.Add(ref leaving, _blockSizeBytes);
        var last = window.Length - _blockSizeBytes;
        var filter = _index.Filter;
        var at = position;
        var sum = checksum;
        Debug.Assert(at <= last, "a whole block at the position");
        bool found;
        while (!(found = filter.MightContain(SignatureIndex.KeyFor(sum.Value))) && at < last)
        {
            sum = sum.Roll(Unsafe.Add(ref leaving, at), Unsafe.Add(ref entering, at));
            at++;
        }

        position = at;
        checksum = sum;
        return found;
    }

    /// <summary>The first block of the base that equals <paramref name="block"/>, or -1.</summary>
    private long FindEqual(ReadOnlySpan<byte> block, uint weak, ref int alarmsLeft)
    {
        Span<long> candidates = stackalloc long[SignatureIndex.MaxCandidateCount];
        candidates = candidates[.._index.Candidates(weak, candidates)];
        if (candidates.IsEmpty)
        {
            return -1;
        }

        var digest = _hash.Compute(block);
        foreach (var candidate in candidates)
        {
            if (_baseDigest(candidate, out var baseDigest) && baseDigest == digest)
            {
                return candidate;
            }
        }

        alarmsLeft--;
        return -1;
    }

    /// <summary>Records a match and those that follow on it, block by block; gives the position behind them.</summary>
    private int FollowMatch(
        ReadOnlySpan<byte> window,
        int position,
        long baseBlock,
        long windowOffsetBytes,
        List<MatchSpan> spans
    )
    {
        var first = position;
        var firstBaseBlock = baseBlock;
        do
        {
            position += _blockSizeBytes;
            baseBlock++;
        } while (
            window.Length - position >= _blockSizeBytes
            && _baseDigest(baseBlock, out var baseDigest)
            && baseDigest == _hash.Compute(BlockAt(window, position))
        );

        Append(
            spans,
            new MatchSpan(windowOffsetBytes + first, firstBaseBlock * _blockSizeBytes, position - first)
        );
        return position;
    }

    private ReadOnlySpan<byte> BlockAt(ReadOnlySpan<byte> window, int position) =>
        window.Slice(position, _blockSizeBytes);

    private static void Append(List<MatchSpan> spans, MatchSpan span)
    {
        if (
            spans.Count > 0
            && spans[^1] is var before
            && before.SourceEndBytes == span.SourceOffsetBytes
            && before.BaseOffsetBytes + before.LengthBytes == span.BaseOffsetBytes
        )
        {
            spans[^1] = before with { LengthBytes = before.LengthBytes + span.LengthBytes };
            return;
        }

        spans.Add(span);
    }
}
