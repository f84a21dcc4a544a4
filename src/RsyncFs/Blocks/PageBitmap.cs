using System.Numerics;

namespace RsyncFs.Blocks;

/// <summary>A set of pages of one block, one bit a page, page 0 in the lowest bit of the first byte.</summary>
public sealed class PageBitmap
{
    private readonly byte[] _bits;

    /// <summary>An empty set of <paramref name="pageCount"/> possible pages.</summary>
    public PageBitmap(int pageCount)
    {
        PageCount = pageCount;
        _bits = new byte[LengthOf(pageCount)];
    }

    /// <summary>The set stored in <paramref name="bits"/>.</summary>
    /// <exception cref="InvalidDataException">A bit behind the last page is set.</exception>
    public PageBitmap(int pageCount, ReadOnlySpan<byte> bits)
        : this(pageCount)
    {
        bits.CopyTo(_bits);
        if (pageCount % 8 != 0 && _bits[^1] >> (pageCount % 8) != 0)
        {
            throw new InvalidDataException($"page bitmap names a page behind the last of {pageCount}");
        }
    }

    /// <summary>How many pages there could be.</summary>
    public int PageCount { get; }

    /// <summary>The set as it is stored.</summary>
    public ReadOnlySpan<byte> Bits => _bits;

    /// <summary>How many pages are in the set.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var bits in _bits)
            {
                count += BitOperations.PopCount(bits);
            }

            return count;
        }
    }

    /// <summary>True if no page is in the set.</summary>
    public bool IsEmpty => !_bits.AsSpan().ContainsAnyExcept((byte)0);

    /// <summary>Bytes that a set of <paramref name="pageCount"/> possible pages takes.</summary>
    public static int LengthOf(int pageCount) => (pageCount + 7) / 8;

    /// <summary>Every page of <paramref name="pageCount"/>.</summary>
    public static PageBitmap All(int pageCount)
    {
        var all = new PageBitmap(pageCount);
        for (var page = 0; page < pageCount; page++)
        {
            all.Add(page);
        }

        return all;
    }

    /// <summary>True if <paramref name="page"/> is in the set.</summary>
    public bool Contains(int page) => (_bits[page >> 3] & (1 << (page & 7))) != 0;

    /// <summary>Puts <paramref name="page"/> into the set.</summary>
    public void Add(int page) => _bits[page >> 3] |= (byte)(1 << (page & 7));

    /// <summary>Takes <paramref name="page"/> out of the set.</summary>
    public void Remove(int page) => _bits[page >> 3] &= (byte)~(1 << (page & 7));

    /// <summary>True if some page is in both sets.</summary>
    public bool Overlaps(PageBitmap other)
    {
        for (var i = 0; i < _bits.Length; i++)
        {
            if ((_bits[i] & other._bits[i]) != 0)
            {
                return true;
            }
        }

        return false;
    }
}
