using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using RsyncFs.Blocks;

namespace RsyncFs.Delta;

/// <summary>
/// Rolls the weak checksum over a window and stops where the filter says "perhaps": the loop that all time of a
/// search is spent in.
/// </summary>
/// <remarks>
/// The vector form takes sixteen positions at once. To roll over a byte is to add something to each sum, so that the
/// sums at sixteen positions are running totals of sixteen additions; and running totals within a register take
/// four shifts and additions (Hillis and Steele, "Data Parallel Algorithms", CACM 29(12), 1986). Only one addition
/// for each sum waits for the sixteen before.
/// </remarks>
internal ref struct CandidateScan
{
    // Sixteen positions for a register, registers enough that waiting for the last costs little.
    private const int BatchLength = HitWordCount * HitWordBitCount;
    private const int HitWordCount = 4;
    private const int HitWordBitCount = 64;

    private readonly ReadOnlySpan<byte> _window;
    private readonly int _blockSizeBytes;
    private readonly WeakFilter _filter;
    private readonly bool _useVectors;

    // The last position that was looked at, and its checksum.
    private int _position;
    private RollingChecksum _checksum;

    // What the batch that ends there has found: a bit for each position from _batchStart, and every position's key.
    private int _batchStart;
    private int _hitWord;
    private BatchHits _batchHits;
    private BatchKeys _batchKeys;

    /// <summary>Starts at the first byte of <paramref name="window"/>, which must be as long as a block.</summary>
    /// <param name="window">Source bytes.</param>
    /// <param name="blockSizeBytes">The bytes of a block.</param>
    /// <param name="filter">The filter of the blocks that are looked for.</param>
    /// <param name="useVectors">True for the vector form, which needs AVX2.</param>
    public CandidateScan(ReadOnlySpan<byte> window, int blockSizeBytes, WeakFilter filter, bool useVectors)
    {
        _window = window;
        _blockSizeBytes = blockSizeBytes;
        _filter = filter;
        _useVectors = useVectors;
        MoveTo(0);
    }

    private readonly int LastPosition => _window.Length - _blockSizeBytes;

    /// <summary>Goes on at <paramref name="position"/>; behind the last block there is nothing more to find.</summary>
    public void MoveTo(int position)
    {
        _position = Math.Min(position, LastPosition);
        _hitWord = HitWordCount;
        if (position <= LastPosition)
        {
            _checksum = new RollingChecksum(_window.Slice(position, _blockSizeBytes));
            LookAtPosition();
        }
    }

    /// <summary>Gives the next position whose checksum passes the filter, and its key; false if there is none.</summary>
    public bool TryNext(out int position, out uint key)
    {
        while (true)
        {
            for (; _hitWord < HitWordCount; _hitWord++)
            {
                ref var hits = ref _batchHits[_hitWord];
                if (hits != 0)
                {
                    var first = (_hitWord * HitWordBitCount) + BitOperations.TrailingZeroCount(hits);
                    hits &= hits - 1;
                    position = _batchStart + first;
                    key = _batchKeys[first];
                    return true;
                }
            }

            if (_position >= LastPosition)
            {
                position = 0;
                key = 0;
                return false;
            }

            FillBatch();
        }
    }

    private void FillBatch()
    {
        if (_useVectors && LastPosition - _position >= BatchLength)
        {
            FillBatchWithVectors();
        }
        else
        {
            _checksum = _checksum.Roll(_window[_position], _window[_position + _blockSizeBytes]);
            _position++;
            LookAtPosition();
        }
    }

    /// <summary>Makes a batch of the one position.</summary>
    private void LookAtPosition()
    {
        var key = SignatureIndex.KeyFor(_checksum.Value);
        _batchStart = _position;
        _batchKeys[0] = key;
        _hitWord = HitWordCount;
        if (_filter.MightContain(key))
        {
            ((Span<ulong>)_batchHits).Clear();
            _batchHits[0] = 1;
            _hitWord = 0;
        }
    }

    /// <summary>Makes a batch of the next positions. Never looks at what it finds: a guess at that would be wrong too often.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FillBatchWithVectors()
    {
        Debug.Assert(LastPosition - _position >= BatchLength, "a whole batch is left");
        ref var leaving = ref Unsafe.Add(ref MemoryMarshal.GetReference(_window), _position);
        ref var entering = ref Unsafe.Add(ref leaving, _blockSizeBytes);
        ref var keys = ref _batchKeys[0];
        ref var hits = ref Unsafe.As<ulong, ushort>(ref _batchHits[0]);
        var filter = _filter;
        var blockSize = Vector256.Create((short)_blockSizeBytes);
        var low = Vector256.Create((short)_checksum.Value);
        var high = Vector256.Create((short)(_checksum.Value >> 16));
        for (var at = 0; at < BatchLength; at += Vector256<short>.Count)
        {
            // The two steps of RollingChecksum.Roll, sixteen times, each sum modulo 2^16 in its lane.
            var leavingBytes = SixteenAt(ref leaving, at);
            var lowSums = RunningTotals(SixteenAt(ref entering, at) - leavingBytes);
            var lows = lowSums + low;
            low += LastOf(lowSums);
            var highSums = RunningTotals(lows - (leavingBytes * blockSize));
            var highs = highSums + high;
            high += LastOf(highSums);

            // Both halves of each checksum together; unpacking leaves the 128-bit lanes crossed.
            var even = Avx2.UnpackLow(lows, highs);
            var odd = Avx2.UnpackHigh(lows, highs);
            var keysOfFirst = SignatureIndex.KeyFor(Avx2.Permute2x128(even, odd, 0x20).AsUInt32());
            var keysOfSecond = SignatureIndex.KeyFor(Avx2.Permute2x128(even, odd, 0x31).AsUInt32());
            keysOfFirst.StoreUnsafe(ref keys, (nuint)at);
            keysOfSecond.StoreUnsafe(ref keys, (nuint)(at + Vector256<uint>.Count));
            Unsafe.Add(ref hits, at / Vector256<short>.Count) = (ushort)(
                filter.MightContain(keysOfFirst)
                | (filter.MightContain(keysOfSecond) << Vector256<uint>.Count)
            );
        }

        _checksum = RollingChecksum.Restore(
            WeakChecksum.Join((ushort)low.ToScalar(), (ushort)high.ToScalar()),
            _blockSizeBytes
        );
        _batchStart = _position + 1;
        _position += BatchLength;
        _hitWord = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> SixteenAt(ref byte first, int position) =>
        Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref Unsafe.Add(ref first, position)).AsSByte());

    /// <summary>In each lane the sum of the lanes up to it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> RunningTotals(Vector256<short> lanes)
    {
        lanes += Avx2.ShiftLeftLogical128BitLane(lanes, 2);
        lanes += Avx2.ShiftLeftLogical128BitLane(lanes, 4);
        lanes += Avx2.ShiftLeftLogical128BitLane(lanes, 8);

        // Shifts stop at the middle: the lower half's total goes to every lane of the upper half.
        var totals = Avx2.Shuffle(lanes.AsByte(), Vector256.Create((short)0x0f0e).AsByte());
        return lanes + Avx2.Permute2x128(totals, totals, 0x08).AsInt16();
    }

    /// <summary>The last lane, in every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> LastOf(Vector256<short> lanes)
    {
        var last = Avx2.Permute4x64(lanes.AsInt64(), 0b11_11_11_11);
        return Avx2.Shuffle(last.AsByte(), Vector256.Create((short)0x0706).AsByte()).AsInt16();
    }

    [InlineArray(HitWordCount)]
    private struct BatchHits
    {
        private ulong _first;
    }

    [InlineArray(BatchLength)]
    private struct BatchKeys
    {
        private uint _first;
    }
}
