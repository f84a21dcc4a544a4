using System.Numerics;

namespace RsyncFs.Blocks;

/// <summary>A set of block numbers, one bit a block, with memory taken only where there are any.</summary>
public sealed class BlockSet
{
    private const int BitsPerWord = 64;
    private const int BlocksPerSegment = 1 << 16;

    private readonly ulong[]?[] _segments;

    /// <summary>An empty set of numbers below <paramref name="blockCount"/>.</summary>
    public BlockSet(long blockCount)
    {
        BlockCount = blockCount;
        _segments = new ulong[(blockCount + BlocksPerSegment - 1) / BlocksPerSegment][];
    }

    /// <summary>How many numbers there could be.</summary>
    public long BlockCount { get; }

    /// <summary>How many are in the set.</summary>
    public long Count { get; private set; }

    /// <summary>True if <paramref name="block"/> is in the set; a number out of range never is.</summary>
    public bool Contains(long block)
    {
        if ((ulong)block >= (ulong)BlockCount)
        {
            return false;
        }

        var segment = _segments[block / BlocksPerSegment];
        return segment is not null && (segment[WordOf(block)] & BitOf(block)) != 0;
    }

    /// <summary>Puts <paramref name="block"/> into the set.</summary>
    public void Add(long block)
    {
        ref var segment = ref _segments[block / BlocksPerSegment];
        segment ??= new ulong[BlocksPerSegment / BitsPerWord];
        ref var word = ref segment[WordOf(block)];
        if ((word & BitOf(block)) == 0)
        {
            word |= BitOf(block);
            Count++;
        }
    }

    /// <summary>Puts every block into the set that one of <paramref name="extents"/> touches; what lies behind the device does not count.</summary>
    /// <returns>This set.</returns>
    internal BlockSet With(IEnumerable<Extent> extents, BlockLayout layout)
    {
        foreach (var extent in extents)
        {
            var end = Math.Min(extent.EndBytes, layout.LengthBytes);
            for (
                var at = extent.OffsetBytes;
                at < end;
                at = layout.OffsetOf(layout.BlockAt(at)) + layout.BlockSizeBytes
            )
            {
                Add(layout.BlockAt(at));
            }
        }

        return this;
    }

    /// <summary>The first number in the set that is at least <paramref name="from"/>, or -1 if there is none.</summary>
    public long NextFrom(long from)
    {
        while (from < BlockCount)
        {
            var segment = _segments[from / BlocksPerSegment];
            if (segment is null)
            {
                from = (from / BlocksPerSegment + 1) * BlocksPerSegment;
                continue;
            }

            var word = segment[WordOf(from)] >> (int)(from % BitsPerWord);
            if (word != 0)
            {
                return from + BitOperations.TrailingZeroCount(word);
            }

            from = (from / BitsPerWord + 1) * BitsPerWord;
        }

        return -1;
    }

    private static int WordOf(long block) => (int)(block % BlocksPerSegment) / BitsPerWord;

    private static ulong BitOf(long block) => 1UL << (int)(block % BitsPerWord);
}
