using System.Runtime.CompilerServices;

namespace RsyncFs.Blocks;

/// <summary>
/// The <see cref="WeakChecksum"/> of a window of fixed length, which moves by one byte in constant time. Each move
/// makes a new value.
/// </summary>
/// <remarks>Tridgell's thesis, section 3.2.2; <c>match.c:hash_search</c> of rsync.</remarks>
public readonly record struct RollingChecksum
{
    private readonly uint _low;
    private readonly uint _high;
    private readonly uint _length;

    /// <summary>The checksum of <paramref name="window"/>, whose length it keeps while it rolls.</summary>
    public RollingChecksum(ReadOnlySpan<byte> window)
    {
        var value = WeakChecksum.Compute(window);
        _low = value & 0xffff;
        _high = value >> 16;
        _length = (uint)window.Length;
    }

    /// <summary>The checksum that had <paramref name="value"/>, of a window of <paramref name="windowLength"/> bytes.</summary>
    internal static RollingChecksum Restore(uint value, int windowLength) =>
        new(value & 0xffff, value >> 16, (uint)windowLength);

    // The sums are kept modulo 2^32 while they roll: what is above bit 16 never comes down.
    private RollingChecksum(uint low, uint high, uint length)
    {
        _low = low;
        _high = high;
        _length = length;
    }

    /// <summary>What <see cref="WeakChecksum.Compute"/> gives for the bytes now in the window.</summary>
    public uint Value => WeakChecksum.Join(_low, _high);

    /// <summary>The checksum of the window one byte further on.</summary>
    /// <param name="leaving">The first byte of the window as it is.</param>
    /// <param name="entering">The byte behind the window as it is.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RollingChecksum Roll(byte leaving, byte entering)
    {
        var low = _low + (uint)(sbyte)entering - (uint)(sbyte)leaving;
        return new RollingChecksum(low, _high + low - (_length * (uint)(sbyte)leaving), _length);
    }

    /// <summary>Equal windows of equal length have equal checksums, however they were come by.</summary>
    public bool Equals(RollingChecksum other) => Value == other.Value && _length == other._length;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Value, _length);
}
