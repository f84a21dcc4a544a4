using RsyncFs.Blocks;

namespace RsyncFs.Protocol;

/// <summary>A payload, what is known of its session, and the checks that several messages share.</summary>
internal ref struct MessageReader
{
    /// <summary>The fields not read yet.</summary>
    public ByteReader Bytes;

    private readonly ReadOnlyMemory<byte> _payload;
    private readonly SessionFormat? _format;
    private readonly MessageType _type;

    public MessageReader(ReadOnlyMemory<byte> payload, SessionFormat? format, MessageType type)
    {
        _payload = payload;
        _format = format;
        _type = type;
        Bytes = new ByteReader(payload.Span);
    }

    /// <summary>The format of the session.</summary>
    /// <exception cref="InvalidDataException">No target is open yet, and the message came too early.</exception>
    public readonly SessionFormat Format =>
        _format ?? throw new InvalidDataException($"a {_type} before a target is open");

    /// <summary>The next <paramref name="count"/> bytes as a part of the payload, not copied.</summary>
    public ReadOnlyMemory<byte> ReadMemory(int count)
    {
        var start = Bytes.Position;
        Bytes.ReadBytes(count);
        return _payload.Slice(start, count);
    }

    /// <summary>All that is left: <paramref name="minCount"/> to <paramref name="maxCount"/> items of <paramref name="itemBytes"/> bytes.</summary>
    public ReadOnlyMemory<byte> ReadItems(int itemBytes, long minCount, long maxCount)
    {
        var length = Bytes.Remaining;
        if (length % itemBytes != 0 || length / itemBytes < minCount || length / itemBytes > maxCount)
        {
            throw new InvalidDataException(
                $"{length} bytes where {minCount} to {maxCount} items of {itemBytes} bytes belong"
            );
        }

        return ReadMemory(length);
    }

    /// <summary>An i64 from <paramref name="min"/> to <paramref name="max"/>.</summary>
    public long ReadInt64(long min, long max)
    {
        var value = Bytes.ReadInt64();
        return value >= min && value <= max
            ? value
            : throw new InvalidDataException($"{value} is not in the range from {min} to {max}");
    }

    /// <summary>A number of bytes or records: an i64 that is not negative.</summary>
    public long ReadCount() => Bytes.ReadCount();

    /// <summary>The i64 index of a group of the device.</summary>
    public long ReadGroup() => ReadInt64(0, Format.Layout.GroupCount - 1);

    /// <summary>The i64 index of a block of the device.</summary>
    public long ReadBlock() => ReadInt64(0, Format.Layout.BlockCount - 1);

    /// <summary>A digest of the session's length.</summary>
    public Digest ReadDigest() => Bytes.ReadDigest(Format.DigestLength);

    /// <summary>A u8 that must be a member of the enum.</summary>
    public T ReadEnum<T>()
        where T : struct, Enum
    {
        var number = Bytes.ReadByte();
        var value = (T)Enum.ToObject(typeof(T), number);
        return Enum.IsDefined(value)
            ? value
            : throw new InvalidDataException($"{number} is no {typeof(T).Name}");
    }

    /// <summary>A name: text without control characters.</summary>
    public string ReadName()
    {
        var name = Bytes.ReadString(ProtocolLimits.NameBytes);
        return PeerText.IsPlain(name)
            ? name
            : throw new InvalidDataException("a name with control characters");
    }
}
