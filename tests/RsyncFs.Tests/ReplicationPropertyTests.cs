using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Linux.Native;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>After any run the target is the source: over random sizes, block sizes, hashes, edits, moves and shifts.</summary>
public sealed class ReplicationPropertyTests(ITestOutputHelper output)
{
    private const int CaseCount = 150;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnyRunOfAnyKindMakesTheTargetEqual()
    {
        for (var seed = 1; seed <= CaseCount; seed++)
        {
            output.WriteLine($"seed {seed}");
            await RunCaseAsync(seed);
        }
    }

    private static async Task RunCaseAsync(int seed)
    {
        var random = new Random(seed);
        var blockSize = 4096 << random.Next(0, 6);
        var length = random.Next(0, 3) == 0 ? random.Next(1, 20_000) : random.Next(1, 3_000_000);
        var source = new byte[length];
        Edits.Fill(source, random);
        var target = new byte[length];
        Edits.Fill(target, random);
        var pair = new ReplicationPair(
            new MemoryBlockDevice(source, "source"),
            new MemoryBlockDevice(target, "target"),
            seed
        )
        {
            SenderCodecs = new BlockCodecs(new Lz4Codec(), ZstdCodec.Find()),
            ReceiverCodecs = new BlockCodecs(new Lz4Codec(), ZstdCodec.Find()),
            Options = new ReplicationOptions
            {
                TargetName = "t",
                BlockSizeBytes = blockSize,
                Hash = random.Next(0, 4) == 0 ? HashAlgorithmId.Sha256 : HashAlgorithmId.XxHash128,
                Match = (MatchMode)random.Next(0, 3),
                Compression = random.Next(0, 3) switch
                {
                    0 => Compression.None,
                    1 => Compression.Lz4,
                    _ => Compression.Zstd(1 + random.Next(0, 9)),
                },
                Plan = random.Next(0, 3) == 0 ? Plan.Compare : null,
            },
        };
        for (var run = 0; run < 4; run++)
        {
            var before = target.AsSpan().SequenceEqual(source);
            var report = await pair.RunAsync(Token);
            Assert.True(
                target.AsSpan().SequenceEqual(source),
                $"seed {seed} run {run}: source and target differ"
            );
            Assert.Null(pair.ReceiverFailure);
            if (run > 0 && report.Plan != Plan.Full)
            {
                Assert.True(
                    before == report.IsUnchanged,
                    $"seed {seed} run {run}: equal devices, empty delta"
                );
            }

            Edits.Change(source, random);
            pair.Source = new MemoryBlockDevice(source, "source");
            pair.Target = ((MemoryBlockDevice)pair.Target).Reopen();
            pair.Options = pair.Options with { Plan = (Plan?)random.Next(1, 3) };
            if (pair.Options.Plan == Plan.Digest)
            {
                pair.Options = pair.Options with { Plan = null };
            }
        }
    }
}
