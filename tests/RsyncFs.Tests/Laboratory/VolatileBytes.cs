namespace RsyncFs.Tests.Laboratory;

/// <summary>
/// Bytes behind a volatile write cache. What was written is read back at once; what is there after a crash is, for
/// each sector of 512 bytes on its own, its content at the last flush or any that it was given since: lost, torn
/// between sectors, reordered. A length that was changed may be any that it was, too. A copy costs little.
/// </summary>
internal sealed class VolatileBytes
{
    private SectorTable _live = new();
    private List<UnflushedSector> _unflushed = [];
    private List<long> _unflushedLengths = [];
    private Dictionary<long, Sector> _forgotten = [];
    private long _durableLength;

    /// <summary>That many zeros, durable.</summary>
    public VolatileBytes(long length)
    {
        Length = length;
        _durableLength = length;
    }

    public long Length { get; private set; }

    /// <summary>Bytes for which there is room on the disk, whatever <see cref="Length"/> is.</summary>
    public long ReservedBytes { get; set; }

    /// <summary>Bytes that it takes of the disk.</summary>
    public long UsedBytes => Math.Max(ReservedBytes, Length);

    /// <summary>How often something was made durable, or lost: as long as it stays, so does what is durable.</summary>
    public long DurableVersion { get; private set; }

    /// <summary>True if a crash now would leave exactly what is read now.</summary>
    public bool IsDurable => _unflushed.Count == 0 && _forgotten.Count == 0 && _durableLength == Length;

    /// <summary>An equal one, cache and all, that goes its own way from here on.</summary>
    public VolatileBytes Copy() =>
        new(Length)
        {
            _live = _live.Copy(),
            _unflushed = [.. _unflushed],
            _unflushedLengths = [.. _unflushedLengths],
            _forgotten = new Dictionary<long, Sector>(_forgotten),
            _durableLength = _durableLength,
            ReservedBytes = ReservedBytes,
            DurableVersion = DurableVersion,
        };

    /// <summary>Only what is certain to be there after a crash at this moment.</summary>
    public VolatileBytes DurableCopy()
    {
        var copy = Copy();
        copy.Settle(chance: null);
        return copy;
    }

    public void Read(long offset, Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var inside = (int)(offset % Sector.LengthBytes);
            var part = Math.Min(buffer.Length, Sector.LengthBytes - inside);
            _live[offset / Sector.LengthBytes].Content.Slice(inside, part).CopyTo(buffer);
            buffer = buffer[part..];
            offset += part;
        }
    }

    /// <summary>All bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        Read(0, bytes);
        return bytes;
    }

    /// <summary>True if <paramref name="length"/> bytes at a sector's begin read as zeros.</summary>
    public bool IsZero(long offset, long length)
    {
        for (
            var sector = offset / Sector.LengthBytes;
            sector * Sector.LengthBytes < offset + length;
            sector++
        )
        {
            if (_live[sector] is { Bytes: not null } written && written.Content.ContainsAnyExcept((byte)0))
            {
                return false;
            }
        }

        return true;
    }

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        if (data.Length == 0)
        {
            return;
        }

        var first = offset / Sector.LengthBytes;
        var last = (offset + data.Length - 1) / Sector.LengthBytes;
        var bytes = new byte[(last - first + 1) * Sector.LengthBytes];
        _live[first].Content.CopyTo(bytes);
        _live[last].Content.CopyTo(bytes.AsSpan(bytes.Length - Sector.LengthBytes));
        data.CopyTo(bytes.AsSpan((int)(offset - (first * Sector.LengthBytes))));
        for (var sector = first; sector <= last; sector++)
        {
            Put(sector, new Sector(bytes, (int)(sector - first) * Sector.LengthBytes));
        }

        if (offset + data.Length > Length)
        {
            ChangeLength(offset + data.Length);
        }
    }

    /// <summary>Writes at a random place instead of the one that was asked for.</summary>
    public void WriteAstray(ReadOnlySpan<byte> data, Chance chance)
    {
        var last = Math.Max(0, Length - data.Length) / Sector.LengthBytes;
        Write(chance.Below((int)last + 1) * Sector.LengthBytes, data);
    }

    /// <summary>Makes whole sectors zero without taking room for them; the edges are written.</summary>
    public void Zero(long offset, long length)
    {
        var from = (offset + Sector.LengthBytes - 1) / Sector.LengthBytes;
        var to = (offset + length) / Sector.LengthBytes;
        if (from > to)
        {
            Write(offset, new byte[length]);
            return;
        }

        Write(offset, new byte[(from * Sector.LengthBytes) - offset]);
        for (var sector = from; sector < to; sector++)
        {
            Put(sector, default);
        }

        Write(to * Sector.LengthBytes, new byte[offset + length - (to * Sector.LengthBytes)]);
    }

    public void SetLength(long length)
    {
        // What is cut off, and may grow again, reads as zeros.
        var end = (Length + Sector.LengthBytes - 1) / Sector.LengthBytes;
        var sector = _live.NextSet(length / Sector.LengthBytes, end);
        while (sector < end)
        {
            var kept = (int)Math.Max(0, length - (sector * Sector.LengthBytes));
            if (_live[sector].Bytes is not null || _forgotten.ContainsKey(sector))
            {
                Put(sector, _live[sector].CutTo(kept));
            }

            sector = _live.NextSet(sector + 1, end);
        }

        ReservedBytes = Math.Min(ReservedBytes, length);
        ChangeLength(length);
    }

    /// <summary>Makes durable what was written since the last flush.</summary>
    public void Flush()
    {
        if (_unflushedLengths.Count > 0)
        {
            _durableLength = Length;
        }

        // What an earlier flush failed to write and forgot is not in the list: it stays lost until it is rewritten.
        Forget();
    }

    /// <summary>The power goes and comes back: reads from now on give what is on the disk.</summary>
    /// <param name="chance">Decides what of the unflushed is there; null for none of it.</param>
    public void Settle(Chance? chance)
    {
        Length = _durableLength;
        if (chance is not null && chance.Below(_unflushedLengths.Count + 1) is var pick and > 0)
        {
            Length = _unflushedLengths[pick - 1];
        }

        for (var i = _unflushed.Count - 1; i >= 0; i--)
        {
            _live[_unflushed[i].Number] = _unflushed[i].Before;
        }

        if (chance is not null)
        {
            var losses = new Losses(chance, _unflushed.Count);
            for (var i = 0; i < _unflushed.Count; i++)
            {
                var change = _unflushed[i];
                if (!losses.Takes(i, change.After.Bytes))
                {
                    _live[change.Number] = change.After;
                }
            }
        }

        foreach (var (number, durable) in _forgotten)
        {
            _live[number] = durable;
        }

        CutBehindLength();
        _forgotten.Clear();
        _durableLength = Length;
        ReservedBytes = Math.Min(ReservedBytes, Length);
        Forget();
    }

    /// <summary>
    /// A flush fails. What it did not write is lost for good: either the old bytes are back at once, or, as with the
    /// page cache of Linux, reads go on giving the new ones, no later flush writes them, and a crash shows the old.
    /// Only a rewrite helps.
    /// </summary>
    public void FailFlush(Chance chance, bool mayDeceive)
    {
        if (!mayDeceive || chance.OneIn(2))
        {
            Settle(chance);
            return;
        }

        var survived = Copy();
        survived.Settle(chance);
        foreach (var change in _unflushed)
        {
            _forgotten[change.Number] = survived._live[change.Number];
        }

        _durableLength = survived.Length;
        Forget();
    }

    /// <summary>Changes bytes durably, as a failing disk would; whoever wrote them is not told.</summary>
    public void Damage(long offset, ReadOnlySpan<byte> bytes)
    {
        var copy = Copy();
        copy.Write(offset, bytes);
        for (
            var sector = offset / Sector.LengthBytes;
            sector * Sector.LengthBytes < offset + bytes.Length;
            sector++
        )
        {
            _live[sector] = copy._live[sector];
        }

        DurableVersion++;
    }

    private void Put(long number, Sector after)
    {
        var before = _forgotten.Remove(number, out var durable) ? durable : _live[number];
        _unflushed.Add(new UnflushedSector(number, before, after));
        _live[number] = after;
    }

    private void ChangeLength(long length)
    {
        if (length != Length)
        {
            Length = length;
            _unflushedLengths.Add(length);
        }
    }

    private void CutBehindLength()
    {
        foreach (var change in _unflushed)
        {
            var kept = Length - (change.Number * Sector.LengthBytes);
            if (kept < Sector.LengthBytes)
            {
                _live[change.Number] = _live[change.Number].CutTo((int)Math.Max(0, kept));
            }
        }
    }

    private void Forget()
    {
        _unflushed.Clear();
        _unflushedLengths.Clear();
        DurableVersion++;
    }
}
