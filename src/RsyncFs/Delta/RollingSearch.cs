using System.Runtime.Intrinsics.X86;
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
    /// False alarms that are allowed for each block length of a window, besides twice those that chance brings. Each
    /// costs a strong hash of a block, about a fiftieth of rolling over it, and a few digest lookups.
    /// </summary>
    public const int FalseAlarmsPerBlock = 8;

    private const long NoCandidate = -1;
    private const long FalseAlarm = -2;

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

        var alarmsLeft = FalseAlarmLimitOf(window.Length);
        var scan = new CandidateScan(window, _blockSizeBytes, _index.Filter, Avx2.IsSupported);
        while (alarmsLeft > 0 && scan.TryNext(out var position, out var key))
        {
            var baseBlock = FindEqual(BlockAt(window, position), key);
            if (baseBlock >= 0)
            {
                scan.MoveTo(FollowMatch(window, position, baseBlock, windowOffsetBytes, spans));
            }
            else if (baseBlock == FalseAlarm)
            {
                alarmsLeft--;
                SkipRepetition(window, position, ref scan);
            }
        }

        return spans;
    }

    private long FalseAlarmLimitOf(int windowLength)
    {
        // At each offset, each block has the checksum of foreign content with probability 2^-32.
        var byChancePerBlock = ((long)_blockSizeBytes * _index.BlockCount) >> 32;
        return (FalseAlarmsPerBlock + (2 * byChancePerBlock)) * (1 + (windowLength / _blockSizeBytes));
    }

    /// <summary>The first block of the base that equals <paramref name="block"/>, or one of the two negative answers.</summary>
    private long FindEqual(ReadOnlySpan<byte> block, uint key)
    {
        var entries = _index.EntriesOf(key);
        if (entries.IsEmpty)
        {
            return NoCandidate;
        }

        var digest = _hash.Compute(block);
        foreach (var entry in entries)
        {
            var candidate = SignatureIndex.BlockOf(entry);
            if (_baseDigest(candidate, out var baseDigest) && baseDigest == digest)
            {
                return candidate;
            }
        }

        return FalseAlarm;
    }

    /// <summary>
    /// Goes on behind the repetition of one byte: all of its blocks are the one that was just found to be foreign.
    /// Filled regions are common, and many of their checksums are alike.
    /// </summary>
    private void SkipRepetition(ReadOnlySpan<byte> window, int position, ref CandidateScan scan)
    {
        var rest = window[position..];
        var length = rest.IndexOfAnyExcept(rest[0]);
        length = length < 0 ? rest.Length : length;
        if (length > _blockSizeBytes)
        {
            scan.MoveTo(position + length - _blockSizeBytes + 1);
        }
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
