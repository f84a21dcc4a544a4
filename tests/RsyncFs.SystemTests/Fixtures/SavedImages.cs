namespace RsyncFs.SystemTests.Fixtures;

/// <summary>
/// The two generations between which a target is, kept as files that nothing but the test touches. Each change of the
/// source is written to the source and to the image of N+1.
/// </summary>
internal sealed class SavedImages : IDisposable
{
    private const int PageBytes = 4096;
    private const int BlockBytes = 64 * 1024;
    private const int SectorBytes = 512;

    private readonly TemporaryDirectory _directory = new();
    private readonly string _source;
    private readonly long _sizeBytes;
    private ulong _contentSeed;

    /// <summary>Fills the source with random bytes, and saves them as N+1; N is all zeros.</summary>
    public SavedImages(string source, long sizeBytes, ulong seed)
    {
        _source = source;
        _sizeBytes = sizeBytes;
        _contentSeed = seed;
        Old = Images.Make(_directory, "old.img", sizeBytes);
        New = Images.Make(_directory, "new.img", sizeBytes);
        var content = new RandomContent(seed);
        content.WriteTo(New, 0, sizeBytes);
        content.WriteTo(source, 0, sizeBytes);
    }

    /// <summary>Generation N.</summary>
    public string Old { get; }

    /// <summary>Generation N+1: what the source is now.</summary>
    public string New { get; }

    /// <summary>What N+1 was becomes N.</summary>
    public void Advance() => File.Copy(New, Old, overwrite: true);

    /// <summary>Which of the two <paramref name="target"/> is.</summary>
    public Held Compare(string target) =>
        Verdict.IsSame(New, target) ? Held.New
        : Verdict.IsSame(Old, target) ? Held.Old
        : Held.Mix;

    /// <summary>Changes everything a little: scattered pages, runs, zeros, and content that moves. Never nothing.</summary>
    public void ChangeAtRandom(Random random)
    {
        for (var count = random.Next(1, 60); count > 0; count--)
        {
            Put(random.NextInt64(_sizeBytes / PageBytes) * PageBytes, NextContent(PageBytes));
        }

        if (random.Next(2) == 0)
        {
            var length = random.Next(1, 24) * BlockBytes;
            Put(AnyPlace(random, length), NextContent(length));
        }

        if (random.Next(2) == 0)
        {
            var length = random.Next(1, 600) * SectorBytes;
            Put(AnyPlace(random, length), new byte[length]);
        }

        if (random.Next(2) == 0)
        {
            var length = random.Next(2, 10) * BlockBytes;
            Put(AnyPlace(random, length), DeviceBytes.Read(New, AnyPlace(random, length), length));
        }
    }

    /// <summary>Changes so many blocks, spread over the device: a page each, one block to zeros, one to what another was.</summary>
    public void ChangeBlocks(int count)
    {
        var distance = _sizeBytes / BlockBytes / count * BlockBytes;
        for (var i = 0; i < count; i++)
        {
            var at = i * distance;
            switch (i)
            {
                case 1:
                    Put(at, new byte[BlockBytes]);
                    break;
                case 2:
                    Put(at, DeviceBytes.Read(New, _sizeBytes / 2 / SectorBytes * SectorBytes, BlockBytes));
                    break;
                default:
                    Put(at + PageBytes, NextContent(PageBytes));
                    break;
            }
        }
    }

    /// <summary>Makes a range zeros.</summary>
    public void Zero(long offsetBytes, int lengthBytes) => Put(offsetBytes, new byte[lengthBytes]);

    /// <summary>Makes a range new random bytes.</summary>
    public void Fill(long offsetBytes, int lengthBytes) => Put(offsetBytes, NextContent(lengthBytes));

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();

    private long AnyPlace(Random random, long lengthBytes) =>
        random.NextInt64((_sizeBytes - lengthBytes) / SectorBytes) * SectorBytes;

    private byte[] NextContent(int lengthBytes)
    {
        var content = new byte[lengthBytes];
        new RandomContent(++_contentSeed).Fill(0, content);
        return content;
    }

    private void Put(long offsetBytes, ReadOnlySpan<byte> content)
    {
        DeviceBytes.Write(_source, offsetBytes, content);
        DeviceBytes.Write(New, offsetBytes, content);
    }
}
