using BenchmarkDotNet.Attributes;
using RsyncFs.Blocks;
using RsyncFs.Delta;

namespace RsyncFs.Bench;

/// <summary>The search over one window of 4 MiB: where it finds nothing, and where all of it moved by an odd distance.</summary>
public class RollingSearchBench
{
    public const int BytesPerOperation = WindowLength;
    private const int WindowLength = 4 << 20;
    private const int BlockSizeBytes = BlockLayout.DefaultBlockSizeBytes;
    private const int MovedBytes = 12_345;

    private readonly StrongHash _hash = new(HashAlgorithmId.XxHash128, 42);
    private byte[] _old = [];
    private byte[] _foreign = [];
    private byte[] _moved = [];
    private RollingSearch? _search;

    [Params(1024, 16_384, 1 << 20)]
    public int IndexedBlockCount { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        _old = new byte[WindowLength];
        _foreign = new byte[WindowLength];
        _moved = new byte[WindowLength];
        random.NextBytes(_old);
        random.NextBytes(_foreign);
        _old.AsSpan(0, WindowLength - MovedBytes).CopyTo(_moved.AsSpan(MovedBytes));

        var builder = new SignatureIndexBuilder(IndexedBlockCount);
        for (var block = 0; block < IndexedBlockCount; block++)
        {
            var offset = (long)block * BlockSizeBytes;
            builder.Add(
                offset < WindowLength
                    ? WeakChecksum.Compute(_old.AsSpan((int)offset, BlockSizeBytes))
                    : (uint)random.NextInt64(1L << 32),
                block
            );
        }

        _search = new RollingSearch(builder.Build(), BlockSizeBytes, _hash, TryGetDigest);
    }

    [Benchmark]
    public int FindNothing() => _search!.Find(_foreign, 0).Count;

    [Benchmark]
    public int FindMoved() => _search!.Find(_moved, 0).Count;

    private bool TryGetDigest(long block, out Digest digest)
    {
        var isHeld = block < WindowLength / BlockSizeBytes;
        digest = isHeld ? _hash.Compute(_old.AsSpan((int)block * BlockSizeBytes, BlockSizeBytes)) : default;
        return isHeld;
    }
}
