using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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

    // One block in 128 bits lets one foreign checksum in 128 pass to the table.
    private const int BitsPerBlockLog2 = 7;

    private const int WordBitCountLog2 = 5;

    private readonly uint[] _words;
    private readonly int _shift;

    /// <summary>An empty filter for about <paramref name="blockCount"/> blocks.</summary>
    public WeakFilter(int blockCount)
    {
        var bitCountLog2 = BitCountLog2For(blockCount);
        // Pinned, so that the vector form may ask by address.
        _words = GC.AllocateArray<uint>(1 << (bitCountLog2 - WordBitCountLog2), pinned: true);
        _shift = 32 - bitCountLog2;
    }

    /// <summary>Bytes that a filter for <paramref name="blockCount"/> blocks takes.</summary>
    public static long MemoryBytesFor(int blockCount) => 1L << (BitCountLog2For(blockCount) - 3);

    /// <summary>Makes sure that <see cref="MightContain(uint)"/> is true of <paramref name="key"/>.</summary>
    public void Add(uint key)
    {
        var bit = key >> _shift;
        _words[bit >> WordBitCountLog2] |= 1u << (int)bit;
    }

    /// <summary>False if <paramref name="key"/>, a mixed checksum, was never added; true says little.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MightContain(uint key)
    {
        // A key shifted right names one of the filter's bits, whatever it is: no need to check the bound.
        var bit = key >> _shift;
        var word = Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_words), bit >> WordBitCountLog2);
        return (word & (1u << (int)bit)) != 0;
    }

    /// <summary>The same for eight keys: bit 0 for the first, and so on. Needs AVX2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe uint MightContain(Vector256<uint> keys)
    {
        var bits = keys >>> _shift;
        var words = (int*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_words));
        var found = Avx2.GatherVector256(words, (bits >>> WordBitCountLog2).AsInt32(), sizeof(uint));

        // Each key's bit moved up to the sign, which is what becomes the answer's bit.
        var signs = Avx2.ShiftLeftLogicalVariable(
            found,
            Vector256.Create(31u) - (bits & Vector256.Create(31u))
        );
        return signs.ExtractMostSignificantBits();
    }

    private static int BitCountLog2For(int blockCount) =>
        Math.Clamp(
            BitOperations.Log2((uint)Math.Max(1, blockCount)) + BitsPerBlockLog2,
            MinBitCountLog2,
            MaxBitCountLog2
        );
}
