namespace RsyncFs.Tests.Laboratory;

/// <summary>
/// Bytes behind a volatile write cache. What was written is read back at once; what is there after a crash is, for
/// each sector of 512 bytes on its own, its content at the last flush or any that it was given since: lost, torn
/// between sectors, reordered. A length that was changed may be any that it was, too.
/// </summary>
internal sealed class VolatileBytes
{
    private const int SectorBytes = 512;

    private readonly SortedDictionary<long, List<byte[]>> _unflushed = [];
    private readonly List<int> _unflushedLengths = [];
    private byte[] _live;
    private byte[] _durable;

    public VolatileBytes(int length)
    {
        _live = new byte[length];
        _durable = new byte[length];
    }

    public int Length => _live.Length;

    public ReadOnlySpan<byte> Live => _live;

    /// <summary>What is certain to be there after a crash at this moment, if nothing unflushed touched it.</summary>
    public ReadOnlySpan<byte> Durable => _durable;

    public int UnflushedSectorCount => _unflushed.Count;

    public void Read(long offset, Span<byte> buffer) =>
        _live.AsSpan((int)offset, buffer.Length).CopyTo(buffer);

    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        if (offset + data.Length > Length)
        {
            SetLength((int)offset + data.Length);
        }

        data.CopyTo(_live.AsSpan((int)offset));
        Remember((int)offset, data.Length);
    }

    public void SetLength(int length)
    {
        var before = Length;
        Array.Resize(ref _live, length);
        _unflushedLengths.Add(length);
        // What grew, or was cut off and may grow again, reads as zeros.
        Remember(Math.Min(before, length), Math.Abs(before - length));
    }

    public void Flush()
    {
        _durable = [.. _live];
        Forget();
    }

    /// <summary>The power goes and comes back.</summary>
    public void Crash(Random chance)
    {
        var length = Pick(_unflushedLengths, _durable.Length, chance);
        var survived = new byte[length];
        _durable.AsSpan(0, Math.Min(length, _durable.Length)).CopyTo(survived);
        foreach (var (sector, versions) in _unflushed)
        {
            var offset = (int)sector * SectorBytes;
            if (Pick<byte[]?>(versions, null, chance) is { } version && offset < length)
            {
                version.AsSpan(0, Math.Min(version.Length, length - offset)).CopyTo(survived.AsSpan(offset));
            }
        }

        _live = survived;
        _durable = [.. survived];
        Forget();
    }

    private static T Pick<T>(IReadOnlyList<T> since, T durable, Random chance)
    {
        var index = chance.Next(since.Count + 1);
        return index == since.Count ? durable : since[index];
    }

    private void Remember(int offset, int length)
    {
        for (long sector = offset / SectorBytes; sector * SectorBytes < offset + length; sector++)
        {
            if (!_unflushed.TryGetValue(sector, out var versions))
            {
                _unflushed[sector] = versions = [];
            }

            var whole = new byte[SectorBytes];
            var start = (int)sector * SectorBytes;
            if (start < Length)
            {
                _live.AsSpan(start, Math.Min(SectorBytes, Length - start)).CopyTo(whole);
            }

            versions.Add(whole);
        }
    }

    private void Forget()
    {
        _unflushed.Clear();
        _unflushedLengths.Clear();
    }
}
