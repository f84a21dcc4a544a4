using RsyncFs.Blocks;
using RsyncFs.Delta;
using Xunit;

namespace RsyncFs.Tests.Delta;

/// <summary>A target's base in memory, indexed as a sender would, that counts what a search asks of it.</summary>
internal sealed class SearchScene
{
    private static readonly StrongHash Hash = new(HashAlgorithmId.XxHash128, 42);

    private readonly RollingSearch _search;

    public SearchScene(byte[] baseBytes, int blockSizeBytes)
    {
        Base = baseBytes;
        BlockSizeBytes = blockSizeBytes;
        var builder = new SignatureIndexBuilder(WholeBlockCount);
        for (var block = 0L; block < WholeBlockCount; block++)
        {
            if (!Zeros.IsZero(BaseBlock(block)))
            {
                Assert.True(builder.Add(WeakChecksum.Compute(BaseBlock(block)), block));
            }
        }

        _search = new RollingSearch(builder.Build(), blockSizeBytes, Hash, TryGetDigest);
    }

    public byte[] Base { get; }

    public int BlockSizeBytes { get; }

    public long WholeBlockCount => Base.Length / BlockSizeBytes;

    /// <summary>How often the search asked for a digest: a strong comparison costs at least one question.</summary>
    public int DigestLookupCount { get; private set; }

    public ReadOnlySpan<byte> BaseBlock(long block) =>
        Base.AsSpan((int)block * BlockSizeBytes, BlockSizeBytes);

    /// <summary>Searches, and checks what every result must be: true, in order, apart, joined.</summary>
    public IReadOnlyList<MatchSpan> Find(ReadOnlySpan<byte> window, long windowOffsetBytes)
    {
        var spans = _search.Find(window, windowOffsetBytes);
        var end = windowOffsetBytes;
        MatchSpan? before = null;
        foreach (var span in spans)
        {
            Assert.True(span.SourceOffsetBytes >= end, $"{span} overlaps what is before it");
            Assert.True(
                span.LengthBytes > 0 && span.LengthBytes % BlockSizeBytes == 0,
                $"{span} has no length"
            );
            Assert.True(
                before is not { } last
                    || last.SourceEndBytes != span.SourceOffsetBytes
                    || last.BaseOffsetBytes + last.LengthBytes != span.BaseOffsetBytes,
                $"{span} belongs to what is before it"
            );
            var source = window.Slice(
                (int)(span.SourceOffsetBytes - windowOffsetBytes),
                (int)span.LengthBytes
            );
            Assert.True(
                source.SequenceEqual(Base.AsSpan((int)span.BaseOffsetBytes, (int)span.LengthBytes)),
                $"{span} has other bytes"
            );
            end = span.SourceEndBytes;
            before = span;
        }

        return spans;
    }

    private bool TryGetDigest(long block, out Digest digest)
    {
        DigestLookupCount++;
        if (block >= WholeBlockCount)
        {
            digest = default;
            return false;
        }

        digest = Hash.Compute(BaseBlock(block));
        return true;
    }
}
