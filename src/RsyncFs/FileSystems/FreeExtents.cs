using RsyncFs.Blocks;

namespace RsyncFs.FileSystems;

/// <summary>
/// Collects free runs, which must come in ascending order. Never grows beyond a limit: when there are too many the
/// shortest are given up, which calls them used.
/// </summary>
internal sealed class FreeExtents(long endBytes, int maxCount = FreeExtents.MaxCount)
{
    /// <summary>64 MiB of runs. A file system with more has mostly runs too short to be worth skipping.</summary>
    public const int MaxCount = 4 * 1024 * 1024;

    private readonly List<Extent> _extents = [];
    private long _shortestBytes;

    /// <summary>Adds a run that begins at or behind the end of the one before.</summary>
    /// <exception cref="InvalidDataException">It does not, or it leaves the file system.</exception>
    public void Add(Extent run)
    {
        if (run.OffsetBytes < 0 || run.LengthBytes <= 0 || run.LengthBytes > endBytes - run.OffsetBytes)
        {
            throw new InvalidDataException(
                $"free space of {run.LengthBytes} bytes at {run.OffsetBytes} leaves the file system"
            );
        }

        if (_extents.Count == 0 || run.OffsetBytes > _extents[^1].EndBytes)
        {
            DropLastIfShort();
            if (_extents.Count == maxCount)
            {
                DropShortest();
            }

            _extents.Add(run);
            return;
        }

        var last = _extents[^1];
        if (run.OffsetBytes < last.EndBytes)
        {
            throw new InvalidDataException(
                $"free space at {run.OffsetBytes} is named twice, or not in order"
            );
        }

        _extents[^1] = last with { LengthBytes = last.LengthBytes + run.LengthBytes };
    }

    /// <summary>All runs. Nothing may be added behind this.</summary>
    public IReadOnlyList<Extent> ToList()
    {
        DropLastIfShort();
        return _extents;
    }

    // A run can grow until the next one begins, so only then is it known to be short.
    private void DropLastIfShort()
    {
        if (_extents.Count > 0 && _extents[^1].LengthBytes < _shortestBytes)
        {
            _extents.RemoveAt(_extents.Count - 1);
        }
    }

    // Keeps the longer half. Of those as long as its shortest, which may be nearly all, as many as have room.
    private void DropShortest()
    {
        var lengths = _extents.Select(extent => extent.LengthBytes).Order().ToArray();
        var shortest = lengths[lengths.Length / 2];
        var room = (maxCount / 2) - lengths.Count(length => length > shortest);
        _extents.RemoveAll(extent =>
            extent.LengthBytes < shortest || (extent.LengthBytes == shortest && room-- <= 0)
        );
        _shortestBytes = shortest;
    }
}
