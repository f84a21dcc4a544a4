namespace RsyncFs.Delta;

/// <summary>
/// Gathers the weak checksums of the base's whole blocks, within a limit of memory that is known before the first
/// is added. For one thread.
/// </summary>
public sealed class SignatureIndexBuilder
{
    /// <summary>The limit of whoever does not choose one: about 29 million blocks, 1.7 TiB of 64 KiB.</summary>
    public const long DefaultMemoryLimitBytes = 256L * 1024 * 1024;

    private readonly int _capacity;
    private ulong[]? _table;
    private int _count;
    private uint _lastWeak;
    private int _sameInARow;

    /// <summary>Prepares for at most <paramref name="blockCount"/> blocks, or for fewer if the limit is too low for them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative.</exception>
    public SignatureIndexBuilder(long blockCount, long memoryLimitBytes = DefaultMemoryLimitBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(blockCount);
        ArgumentOutOfRangeException.ThrowIfNegative(memoryLimitBytes);
        _capacity = CapacityFor(blockCount, memoryLimitBytes);
    }

    /// <summary>The most blocks that can be added.</summary>
    public int Capacity => _capacity;

    /// <summary>
    /// Adds a whole block. Leave out the short block at the end, and blocks of zeros, which nobody copies.
    /// False if the block was not taken, because the memory is used up or its index does not fit in 32 bits
    /// (behind 16 TiB of 4 KiB blocks): content that lies there is not found, and nothing else is lost.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative.</exception>
    /// <exception cref="InvalidOperationException">The index was already built.</exception>
    public bool Add(uint weak, long blockIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(blockIndex);
        EnsureNotBuilt();

        // A run of equal blocks, a filled region, must not use up the memory: the index keeps only a few of them.
        _sameInARow = weak == _lastWeak ? _sameInARow + 1 : 1;
        _lastWeak = weak;
        if (_sameInARow > SignatureIndex.MaxCandidateCount)
        {
            return true;
        }

        if (_count == _capacity || blockIndex > uint.MaxValue)
        {
            return false;
        }

        // At once, so that growing never holds two; pages that are never written to take no memory.
        _table ??= GC.AllocateUninitializedArray<ulong>(_capacity);
        _table[_count++] = SignatureIndex.EntryFor(weak, (uint)blockIndex);
        return true;
    }

    /// <summary>Builds the index, once; the builder's memory becomes the index's.</summary>
    /// <exception cref="InvalidOperationException">The index was already built.</exception>
    public SignatureIndex Build()
    {
        EnsureNotBuilt();
        var index = new SignatureIndex(_table ?? [], _count);
        _table = null;
        _count = Built;
        return index;
    }

    private const int Built = -1;

    private void EnsureNotBuilt()
    {
        if (_count == Built)
        {
            throw new InvalidOperationException("the index was already built");
        }
    }

    private static int CapacityFor(long blockCount, long memoryLimitBytes)
    {
        var fits = 0;
        var tooMany = (int)Math.Min(blockCount, Array.MaxLength) + 1;
        while (tooMany - fits > 1)
        {
            var middle = fits + ((tooMany - fits) / 2);
            if (SignatureIndex.MemoryBytesFor(middle) <= memoryLimitBytes)
            {
                fits = middle;
            }
            else
            {
                tooMany = middle;
            }
        }

        return fits;
    }
}
