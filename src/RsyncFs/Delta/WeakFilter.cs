using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace RsyncFs.Delta;

/// <summary>
/// One bit for each of a power of two of classes of weak checksums: the question that is asked at every byte. It
/// may say "perhaps" of a checksum that is not there, never "no" of one that is.
/// </summary>
/// <remarks>
/// rsync asks a table of 2^16 tags first, for the same reason (Tridgell's thesis, section 3.2.4). A processor
/// answers four to eight times as fast from its second-level cache as from memory, so that the filter never
/// outgrows 1 MiB, however many blocks there are.
/// </remarks>
internal sealed class WeakFilter
{
    private const int MinBitCountLog2 = 16;
    private const int MaxBitCountLog2 = 23;

    // One block in 64 bits lets one foreign checksum in 64 pass to the table.
    private const int BitsPerBlockLog2 = 6;

    private const int WordBitCount = 32;

    private readonly uint[] _words;
    private readonly int _shift;

    /// <summary>An empty filter for about <paramref name="blockCount"/> blocks.</summary>
    public WeakFilter(int blockCount)
    {
        var bitCountLog2 = BitCountLog2For(blockCount);
        _words = new uint[1 << (bitCountLog2 - BitOperations.Log2(WordBitCount))];
        _shift = 32 - bitCountLog2;
    }

    /// <summary>Bytes that a filter for <paramref name="blockCount"/> blocks takes.</summary>
    public static long MemoryBytesFor(int blockCount) => 1L << (BitCountLog2For(blockCount) - 3);

    /// <summary>Makes sure that <see cref="MightContain"/> is true of <paramref name="key"/>.</summary>
    public void Add(uint key)
    {
        var bit = key >> _shift;
        _words[bit / WordBitCount] |= 1u << (int)bit;
    }

    /// <summary>False if <paramref name="key"/>, a mixed checksum, was never added; true says little.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MightContain(uint key)
    {
        // A key shifted right names one of the filter's bits, whatever it is: no need to check the bound.
        var bit = key >> _shift;
        var word = Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_words), bit / WordBitCount);
        return (word & (1u << (int)bit)) != 0;
    }

    private static int BitCountLog2For(int blockCount) =>
        Math.Clamp(
            BitOperations.Log2((uint)Math.Max(1, blockCount)) + BitsPerBlockLog2,
            MinBitCountLog2,
            MaxBitCountLog2
        );
}
