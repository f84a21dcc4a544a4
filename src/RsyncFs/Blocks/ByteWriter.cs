using System.Buffers.Binary;
using System.Text;

namespace RsyncFs.Blocks;

/// <summary>
/// A buffer that grows, and little-endian values written at its end. The mirror of <see cref="ByteReader"/>: what
/// one writes the other reads, on the wire and in state files alike.
/// </summary>
public sealed class ByteWriter
{
    private const int FirstCapacity = 256;

    // Strict: a lone surrogate is our own bug, and must not silently become another name.
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private byte[] _buffer;

    /// <summary>An empty buffer that has room for <paramref name="capacity"/> bytes before it grows.</summary>
    public ByteWriter(int capacity = FirstCapacity)
    {
        _buffer = new byte[capacity];
    }

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>What was written. Valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <summary>What was written. Valid until the next write.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, Length);

    /// <summary>What was written, to be changed: a header that is known last, say. Valid until the next write.</summary>
    public Span<byte> WritableSpan => _buffer.AsSpan(0, Length);

    /// <summary>Forgets what was written and keeps the memory.</summary>
    public void Clear() => Length = 0;

    /// <summary>A copy of what was written.</summary>
    public byte[] ToArray() => Written.ToArray();

    /// <summary>Makes room for <paramref name="count"/> bytes at the end, counts them as written, and gives them to be filled.</summary>
    public Span<byte> Reserve(int count)
    {
        var needed = checked(Length + count);
        if (needed > _buffer.Length)
        {
            Array.Resize(ref _buffer, (int)Math.Max(needed, Math.Min(2L * _buffer.Length, Array.MaxLength)));
        }

        var reserved = _buffer.AsSpan(Length, count);
        Length = needed;
        return reserved;
    }

    /// <summary>Gives <paramref name="count"/> bytes that were written already, from <paramref name="position"/> on, to be changed.</summary>
    public Span<byte> Amend(int position, int count) => _buffer.AsSpan(0, Length).Slice(position, count);

    /// <summary>One byte.</summary>
    public void WriteByte(byte value) => Reserve(1)[0] = value;

    /// <summary>One byte, 0 or 1.</summary>
    public void WriteBoolean(bool value) => WriteByte(value ? (byte)1 : (byte)0);

    /// <summary>Two bytes, little-endian.</summary>
    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Reserve(2), value);

    /// <summary>Four bytes, little-endian.</summary>
    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);

    /// <summary>Eight bytes, little-endian.</summary>
    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);

    /// <summary>Eight bytes, little-endian, two's complement.</summary>
    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);

    /// <summary>Unix milliseconds, eight bytes; what is finer is dropped, and so is the time zone.</summary>
    public void WriteTime(DateTimeOffset value) => WriteInt64(value.ToUnixTimeMilliseconds());

    /// <summary>Sixteen bytes in the order in which the digits are printed (RFC 9562, part 4).</summary>
    public void WriteGuid(Guid value) => value.TryWriteBytes(Reserve(16), bigEndian: true, out _);

    /// <summary>A digest of <paramref name="lengthBytes"/> bytes, 16 or 32.</summary>
    public void WriteDigest(Digest value, int lengthBytes) => value.Write(Reserve(lengthBytes));

    /// <summary>Unsigned LEB128, one to ten bytes: seven bits a byte, low bits first, the top bit set on all but the last (DWARF 5, 7.6).</summary>
    public void WriteVarint(ulong value)
    {
        for (; value > 0x7F; value >>= 7)
        {
            WriteByte((byte)(value | 0x80));
        }

        WriteByte((byte)value);
    }

    /// <summary>The length in bytes as a varint, then UTF-8.</summary>
    /// <exception cref="ArgumentException">It takes more than <paramref name="maxBytes"/>, or is no Unicode text. Nothing was written.</exception>
    public void WriteString(string value, int maxBytes)
    {
        var length = StrictUtf8.GetByteCount(value);
        if (length > maxBytes)
        {
            throw new ArgumentException(
                $"text of {length} bytes where {maxBytes} are allowed",
                nameof(value)
            );
        }

        WriteVarint((ulong)length);
        StrictUtf8.GetBytes(value, Reserve(length));
    }

    /// <summary>The bytes as they are, without a length.</summary>
    public void WriteBytes(ReadOnlySpan<byte> value) => value.CopyTo(Reserve(value.Length));
}
