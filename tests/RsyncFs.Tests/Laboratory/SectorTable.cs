namespace RsyncFs.Tests.Laboratory;

/// <summary>Sectors by number; those never set are zeros and take no room. A copy shares all until one of both changes.</summary>
internal sealed class SectorTable
{
    private const int ChunkShift = 6;
    private const int ChunkSectors = 1 << ChunkShift;

    private Sector[]?[] _chunks = [];
    private bool[] _isOwn = [];

    /// <summary>The sector <paramref name="number"/>.</summary>
    public Sector this[long number]
    {
        get
        {
            var chunk = number >> ChunkShift;
            return chunk < _chunks.Length && _chunks[chunk] is { } sectors
                ? sectors[number & (ChunkSectors - 1)]
                : default;
        }
        set => OwnChunk((int)(number >> ChunkShift))[number & (ChunkSectors - 1)] = value;
    }

    /// <summary>The first sector from <paramref name="number"/> on, and before <paramref name="end"/>, that may have been set; else <paramref name="end"/>.</summary>
    public long NextSet(long number, long end)
    {
        while (number < end && number >> ChunkShift is var chunk)
        {
            if (chunk >= _chunks.Length)
            {
                return end;
            }

            if (_chunks[chunk] is not null)
            {
                return number;
            }

            number = (chunk + 1) << ChunkShift;
        }

        return end;
    }

    /// <summary>An equal table.</summary>
    public SectorTable Copy()
    {
        Array.Clear(_isOwn);
        return new SectorTable { _chunks = [.. _chunks], _isOwn = new bool[_chunks.Length] };
    }

    private Sector[] OwnChunk(int chunk)
    {
        if (chunk >= _chunks.Length)
        {
            var length = Math.Max(chunk + 1, _chunks.Length * 2);
            Array.Resize(ref _chunks, length);
            Array.Resize(ref _isOwn, length);
        }

        if (!_isOwn[chunk])
        {
            var own = new Sector[ChunkSectors];
            _chunks[chunk]?.CopyTo(own, 0);
            _chunks[chunk] = own;
            _isOwn[chunk] = true;
        }

        return _chunks[chunk]!;
    }
}
