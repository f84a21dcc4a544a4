using System.Buffers.Binary;
using System.Text;

namespace RsyncFs.Blocks;

/// <summary>
/// Reads what <see cref="ByteWriter"/> wrote, trusting nothing. Every method throws
/// <see cref="InvalidDataException"/> if the bytes end early or are not what the writer would have written; the
/// reader is of no use afterwards.
/// </summary>
public ref struct ByteReader
{
    private const int MaxVarintBytes = 10;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes;

    /// <summary>Begins at the first of <paramref name="bytes"/>.</summary>
    public ByteReader(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
    }

    /// <summary>Bytes read so far.</summary>
    public int Position { get; private set; }

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _bytes.Length - Position;

    /// <summary>Refuses bytes behind the last field.</summary>
    /// <exception cref="InvalidDataException">There are some.</exception>
    public readonly void EnsureEnd()
    {
        if (Remaining != 0)
        {
            throw new InvalidDataException($"{Remaining} trailing bytes behind byte {Position}");
        }
    }

    /// <summary>The next <paramref name="count"/> bytes, where they are.</summary>
    public ReadOnlySpan<byte> ReadBytes(int count)
    {
        if (count < 0 || count > Remaining)
        {
            throw new InvalidDataException($"{count} bytes wanted at byte {Position}, {Remaining} are left");
        }

        var bytes = _bytes.Slice(Position, count);
        Position += count;
        return bytes;
    }

    /// <summary>One byte.</summary>
    public byte ReadByte() => ReadBytes(1)[0];

    /// <summary>One byte that must be 0 or 1.</summary>
    public bool ReadBoolean()
    {
        var value = ReadByte();
        return value <= 1
            ? value == 1
            : throw new InvalidDataException($"{value} at byte {Position - 1} where 0 or 1 belongs");
    }

    /// <summary>Two bytes, little-endian.</summary>
    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(ReadBytes(2));

    /// <summary>Four bytes, little-endian.</summary>
    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(ReadBytes(4));

    /// <summary>Eight bytes, little-endian.</summary>
    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(ReadBytes(8));

    /// <summary>Eight bytes, little-endian, two's complement.</summary>
    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(ReadBytes(8));

    /// <summary>A number of bytes or records: eight bytes, little-endian, and not negative.</summary>
    public long ReadCount()
    {
        var count = ReadInt64();
        return count >= 0
            ? count
            : throw new InvalidDataException($"{count} at byte {Position - 8} is no number of anything");
    }

    /// <summary>Unix milliseconds, from year 1 to 9999, in UTC.</summary>
    public DateTimeOffset ReadTime()
    {
        var milliseconds = ReadInt64();
        if (
            milliseconds < DateTimeOffset.MinValue.ToUnixTimeMilliseconds()
            || milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
        )
        {
            throw new InvalidDataException($"time {milliseconds} at byte {Position - 8} is none");
        }

        return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
    }

    /// <summary>Sixteen bytes in the order in which the digits are printed.</summary>
    public Guid ReadGuid() => new(ReadBytes(16), bigEndian: true);

    /// <summary>A digest of <paramref name="lengthBytes"/> bytes, 16 or 32.</summary>
    public Digest ReadDigest(int lengthBytes) => Digest.Read(ReadBytes(lengthBytes));

    /// <summary>Unsigned LEB128 in its shortest form.</summary>
    public ulong ReadVarint()
    {
        var value = 0UL;
        for (var index = 0; index < MaxVarintBytes; index++)
        {
            var next = ReadByte();
            if (index == MaxVarintBytes - 1 && next > 1)
            {
                break;
            }

            value |= (ulong)(next & 0x7F) << (7 * index);
            if (next > 0x7F)
            {
                continue;
            }

            // One value has one form: a zero on top of other bytes is a longer way to say the same.
            return next != 0 || index == 0
                ? value
                : throw new InvalidDataException(
                    $"number at byte {Position - index - 1} is longer than need be"
                );
        }

        throw new InvalidDataException($"number at byte {Position - MaxVarintBytes} does not fit 64 bits");
    }

    /// <summary>An unsigned LEB128 number that must be at most <paramref name="max"/>, which is not negative.</summary>
    public long ReadVarint(long max)
    {
        var start = Position;
        var value = ReadVarint();
        return value <= (ulong)max
            ? (long)value
            : throw new InvalidDataException($"number {value} at byte {start} is over its limit of {max}");
    }

    /// <summary>Text of at most <paramref name="maxBytes"/> bytes of UTF-8 behind its length.</summary>
    public string ReadString(int maxBytes)
    {
        var bytes = ReadBytes((int)ReadVarint(maxBytes));
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new InvalidDataException($"text before byte {Position} is not UTF-8", error);
        }
    }
}
