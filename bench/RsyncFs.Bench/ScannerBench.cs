using BenchmarkDotNet.Attributes;
using RsyncFs.Blocks;
using RsyncFs.Delta;
using RsyncFs.Devices;

namespace RsyncFs.Bench;

/// <summary>
/// A whole scan of a device in memory: copying stands for reading, then weak and strong checksum of every block, in
/// order. What a core can scan a second, and what a second thread adds.
/// </summary>
public class ScannerBench
{
    public const int BytesPerOperation = 256 << 20;

    private Scanner? _scanner;

    [Params(HashAlgorithmId.XxHash128, HashAlgorithmId.Sha256)]
    public HashAlgorithmId Algorithm { get; set; }

    [Params(1, 2)]
    public int ThreadCount { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var content = new byte[BytesPerOperation];
        new Random(1).NextBytes(content);
        var layout = new BlockLayout(content.Length, BlockLayout.DefaultBlockSizeBytes);
        var hasher = new BlockHasher(layout, new StrongHash(Algorithm, 42));
        _scanner = new Scanner(new MemoryBlockDevice(content), hasher, ThreadCount);
    }

    [Benchmark]
    public async Task<long> Scan()
    {
        var entryBytes = 0L;
        await _scanner!.ScanAsync(
            (blocks, _) =>
            {
                entryBytes += blocks.Entries.Length;
                return ValueTask.CompletedTask;
            },
            CancellationToken.None
        );
        return entryBytes;
    }
}
