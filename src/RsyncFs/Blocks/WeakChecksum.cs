using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RsyncFs.Blocks;

/// <summary>
/// The rolling checksum of rsync: two sums, both modulo 2^16. It only says where to look: blocks with different
/// checksums differ, blocks with equal ones may. See <see cref="RollingChecksum"/> for the form that rolls.
/// </summary>
/// <remarks>
/// Tridgell, "Efficient Algorithms for Sorting and Synchronization" (1999), section 3.2.2, with rsync's choices of
/// <c>checksum.c:get_checksum1</c>: bytes are signed, and nothing is added to them (CHAR_OFFSET is 0). For bytes
/// x(0) to x(n-1) the low sum is the sum of x(i), the high sum that of (n - i) x(i).
/// <para>
/// The vector forms take chunks of 32 or 64 bytes. A chunk of c bytes moves every byte before it c places further
/// from the end, so that <c>high = c * (sum of low before each chunk) + sum of (c - j) x(j) in each chunk</c>. Lanes
/// of 16 bits are enough: they wrap modulo 2^16, as both sums do. They skip the compiler's first tier, which is
/// forty times slower and would last for the first gigabytes.
/// </para>
/// </remarks>
public static class WeakChecksum
{
    /// <summary>The checksum of <paramref name="data"/>, of any length: the low sum in the low 16 bits, the high sum in the high 16.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) =>
        Avx512BW.IsSupported ? ComputeAvx512(data)
        : Avx2.IsSupported ? ComputeAvx2(data)
        : ComputeScalar(data);

    /// <summary>The form for every processor; the others are tested against it.</summary>
    internal static uint ComputeScalar(ReadOnlySpan<byte> data) => Continue(0, 0, data);

    /// <summary>Chunks of 32 bytes. Needs AVX2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static uint ComputeAvx2(ReadOnlySpan<byte> data)
    {
        var weights = Vector256.Create((byte)Vector256<byte>.Count) - Vector256<byte>.Indices;
        var low = Vector256<short>.Zero;
        var lowBefore = Vector256<short>.Zero;
        var weighted = Vector256<short>.Zero;

        ref var first = ref MemoryMarshal.GetReference(data);
        var wholeLength = data.Length & -Vector256<byte>.Count;
        for (nuint at = 0; at < (nuint)wholeLength; at += (nuint)Vector256<byte>.Count)
        {
            // Neither product saturates: 32 * -128 + 31 * -128 is far above -2^15.
            var bytes = Vector256.LoadUnsafe(ref first, at).AsSByte();
            lowBefore += low;
            low += Avx2.MultiplyAddAdjacent(Vector256<byte>.One, bytes);
            weighted += Avx2.MultiplyAddAdjacent(weights, bytes);
        }

        var high = (Vector256.Sum(lowBefore) * Vector256<byte>.Count) + Vector256.Sum(weighted);
        return Continue((uint)Vector256.Sum(low), (uint)high, data[wholeLength..]);
    }

    /// <summary>Chunks of 64 bytes. Needs AVX-512BW.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static uint ComputeAvx512(ReadOnlySpan<byte> data)
    {
        var weights = Vector512.Create((byte)Vector512<byte>.Count) - Vector512<byte>.Indices;
        var low = Vector512<short>.Zero;
        var lowBefore = Vector512<short>.Zero;
        var weighted = Vector512<short>.Zero;

        ref var first = ref MemoryMarshal.GetReference(data);
        var wholeLength = data.Length & -Vector512<byte>.Count;
        for (nuint at = 0; at < (nuint)wholeLength; at += (nuint)Vector512<byte>.Count)
        {
            // Neither product saturates: 64 * -128 + 63 * -128 is still above -2^15.
            var bytes = Vector512.LoadUnsafe(ref first, at).AsSByte();
            lowBefore += low;
            low += Avx512BW.MultiplyAddAdjacent(Vector512<byte>.One, bytes);
            weighted += Avx512BW.MultiplyAddAdjacent(weights, bytes);
        }

        var high = (Vector512.Sum(lowBefore) * Vector512<byte>.Count) + Vector512.Sum(weighted);
        return Continue((uint)Vector512.Sum(low), (uint)high, data[wholeLength..]);
    }

    /// <summary>Two sums as one checksum; what lies above their 16 bits is dropped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint Join(uint low, uint high) => (low & 0xffff) | (high << 16);

    private static uint Continue(uint low, uint high, ReadOnlySpan<byte> data)
    {
        foreach (var value in data)
        {
            low += (uint)(sbyte)value;
            high += low;
        }

        return Join(low, high);
    }
}
