using BenchmarkDotNet.Attributes;
using RsyncFs.Blocks;

namespace RsyncFs.Bench;

/// <summary>The weak checksum of one block, in each of its forms, and rolling it over as many bytes.</summary>
public class WeakChecksumBench
{
    private byte[] _data = [];

    [Params(4096, 65536, 1 << 20)]
    public int BlockSizeBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _data = new byte[2 * BlockSizeBytes];
        new Random(1).NextBytes(_data);
    }

    [Benchmark(Baseline = true)]
    public uint Scalar() => WeakChecksum.ComputeScalar(_data.AsSpan(0, BlockSizeBytes));

    [Benchmark]
    public uint Avx2() => WeakChecksum.ComputeAvx2(_data.AsSpan(0, BlockSizeBytes));

    [Benchmark]
    public uint Avx512() => WeakChecksum.ComputeAvx512(_data.AsSpan(0, BlockSizeBytes));

    [Benchmark]
    public uint Roll()
    {
        var leaving = _data.AsSpan(0, BlockSizeBytes);
        var entering = _data.AsSpan(BlockSizeBytes, leaving.Length);
        var rolling = new RollingChecksum(leaving);
        for (var i = 0; i < leaving.Length; i++)
        {
            rolling = rolling.Roll(leaving[i], entering[i]);
        }

        return rolling.Value;
    }
}
