using BenchmarkDotNet.Attributes;
using RsyncFs.Blocks;

namespace RsyncFs.Bench;

/// <summary>The strong hash of one block, and of its pages one by one.</summary>
public class StrongHashBench
{
    private byte[] _data = [];
    private StrongHash _hash = new(HashAlgorithmId.XxHash128, 0);

    [Params(HashAlgorithmId.XxHash128, HashAlgorithmId.Sha256)]
    public HashAlgorithmId Algorithm { get; set; }

    [Params(4096, 65536, 1 << 20)]
    public int BlockSizeBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _hash = new StrongHash(Algorithm, 42);
        _data = new byte[BlockSizeBytes];
        new Random(1).NextBytes(_data);
    }

    [Benchmark]
    public Digest Block() => _hash.Compute(_data);

    [Benchmark]
    public uint Pages()
    {
        var all = 0u;
        for (var offset = 0; offset < _data.Length; offset += BlockLayout.PageSizeBytes)
        {
            all ^= _hash.ComputePageHash(_data.AsSpan(offset, BlockLayout.PageSizeBytes));
        }

        return all;
    }
}
