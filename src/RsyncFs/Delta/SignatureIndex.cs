using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace RsyncFs.Delta;

/// <summary>
/// Finds the whole blocks of the target's base that have a given weak checksum. Made by
/// <see cref="SignatureIndexBuilder"/>, then never changed: any number of threads may ask at once.
/// </summary>
/// <remarks>
/// Three steps, each cheaper than the next: a <see cref="WeakFilter"/>; a directory from the key's first bits to a
/// range of the table; the table, one number a block (key in the high half, block index in the low), sorted. The
/// key is the checksum times an odd constant, which spreads checksums that lie close together and loses nothing:
/// one key is one checksum.
/// </remarks>
public sealed class SignatureIndex
{
    /// <summary>
    /// Blocks kept of each weak checksum, the lowest indexes. A volume may hold the same block a million times;
    /// behind the first few, another copy of it finds nothing new and costs a digest lookup.
    /// </summary>
    public const int MaxCandidateCount = 8;

    private const int MinDirectoryLog2 = 8;
    private const int MaxDirectoryLog2 = 24;

    // A directory entry for every 2 to 4 blocks: more would save little time for their memory.
    private const int BlocksPerDirectoryEntryLog2 = 1;

    // Knuth, The Art of Computer Programming 3, section 6.4: 2^32 divided by the golden ratio.
    private const uint KeyFactor = 0x9E37_79B1;

    private readonly ulong[] _table;
    private readonly int[] _directory;
    private readonly int _shift;

    /// <summary>Takes the table over: sorts its first <paramref name="count"/> entries and drops what is too many.</summary>
    internal SignatureIndex(ulong[] table, int count)
    {
        _table = table;
        BlockCount = SortAndCap(table.AsSpan(0, count));

        var directoryLog2 = DirectoryLog2For(BlockCount);
        _shift = 32 - directoryLog2;
        _directory = new int[(1 << directoryLog2) + 1];
        Filter = new WeakFilter(BlockCount);
        foreach (var entry in table.AsSpan(0, BlockCount))
        {
            Filter.Add(KeyOf(entry));
            _directory[(KeyOf(entry) >> _shift) + 1]++;
        }

        for (var i = 1; i < _directory.Length; i++)
        {
            _directory[i] += _directory[i - 1];
        }
    }

    /// <summary>How many blocks can be found.</summary>
    public int BlockCount { get; }

    /// <summary>Bytes that the index keeps in memory.</summary>
    public long MemoryBytes =>
        ((long)_table.Length * sizeof(ulong))
        + ((long)_directory.Length * sizeof(int))
        + WeakFilter.MemoryBytesFor(BlockCount);

    /// <summary>The first question to ask of a key.</summary>
    internal WeakFilter Filter { get; }

    /// <summary>
    /// Writes the indexes of blocks with checksum <paramref name="weak"/> into <paramref name="blocks"/>, ascending,
    /// and gives their number: at most <see cref="MaxCandidateCount"/>, and at most what fits.
    /// </summary>
    public int Candidates(uint weak, Span<long> blocks)
    {
        var key = KeyFor(weak);
        var count = 0;
        if (Filter.MightContain(key))
        {
            foreach (var entry in EntriesOf(key))
            {
                if (count == blocks.Length)
                {
                    break;
                }

                blocks[count++] = BlockOf(entry);
            }
        }

        return count;
    }

    /// <summary>The entries of a key that has passed the filter: at most <see cref="MaxCandidateCount"/>.</summary>
    internal ReadOnlySpan<ulong> EntriesOf(uint key)
    {
        var bucket = (int)(key >> _shift);
        var end = _directory[bucket + 1];
        for (var start = _directory[bucket]; start < end; start++)
        {
            if (KeyOf(_table[start]) < key)
            {
                continue;
            }

            var behind = start;
            while (behind < end && KeyOf(_table[behind]) == key)
            {
                behind++;
            }

            return _table.AsSpan(start..behind);
        }

        return [];
    }

    /// <summary>The block of an entry.</summary>
    internal static long BlockOf(ulong entry) => (uint)entry;

    /// <summary>The key of a weak checksum, by which filter and table are asked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint KeyFor(uint weak) => weak * KeyFactor;

    /// <summary>The keys of eight weak checksums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<uint> KeyFor(Vector256<uint> weak) => weak * KeyFactor;

    /// <summary>The table's entry for a block.</summary>
    internal static ulong EntryFor(uint weak, uint blockIndex) => ((ulong)KeyFor(weak) << 32) | blockIndex;

    /// <summary>Bytes of an index whose table has room for <paramref name="blockCount"/> blocks, when it is full.</summary>
    internal static long MemoryBytesFor(int blockCount) =>
        ((long)blockCount * sizeof(ulong))
        + (((1L << DirectoryLog2For(blockCount)) + 1) * sizeof(int))
        + WeakFilter.MemoryBytesFor(blockCount);

    private static uint KeyOf(ulong entry) => (uint)(entry >> 32);

    private static int DirectoryLog2For(int blockCount) =>
        Math.Clamp(
            BitOperations.Log2((uint)Math.Max(1, blockCount)) - BlocksPerDirectoryEntryLog2,
            MinDirectoryLog2,
            MaxDirectoryLog2
        );

    private static int SortAndCap(Span<ulong> entries)
    {
        entries.Sort();
        var kept = 0;
        var same = 0;
        foreach (var entry in entries)
        {
            same = kept > 0 && KeyOf(entries[kept - 1]) == KeyOf(entry) ? same + 1 : 1;
            if (same <= MaxCandidateCount)
            {
                entries[kept++] = entry;
            }
        }

        return kept;
    }
}
