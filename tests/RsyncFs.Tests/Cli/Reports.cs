using RsyncFs.Blocks;
using RsyncFs.Cli.Output;
using RsyncFs.Protocol;

namespace RsyncFs.Tests.Cli;

/// <summary>Reports whose numbers fit together.</summary>
internal static class Reports
{
    private const long MiB = 1L << 20;
    private const long GiB = 1L << 30;

    public static readonly RunTitle Title = new("/dev/vg0/db01", "rsyncfs+tcp://backup1:8730/db01");

    public static readonly Guid Generation = Guid.Parse("1f2e3d4c-0000-4000-8000-00000000cafe");

    public static CycleReport Changed { get; } =
        new()
        {
            Purpose = Purpose.Replicate,
            Plan = Plan.Compare,
            PlanReason = "the receiver may not trust its digest map (no evidence of what wrote the device)",
            ApplyMode = ApplyMode.Journal,
            Generation = Generation,
            IsInitial = false,
            IsFuzzy = false,
            DeviceBytes = 50 * GiB,
            BlockSizeBytes = 65536,
            SourceBytesRead = 50 * GiB,
            TargetBytesRead = 50 * GiB,
            TargetBytesWritten = 176 * MiB,
            ChangedBlocks = 2816,
            LiteralBytes = 150 * MiB,
            StoredBytes = 60 * MiB,
            Compression = new CompressionChoice(Compression.Zstd(3), "the line is the bottleneck"),
            CopiedBytes = 20 * MiB,
            PatchedBytes = 0,
            PatchedStoredBytes = 0,
            ZeroedBytes = 6 * MiB,
            BytesSent = 61_341_696,
            BytesReceived = 1_258_291,
            Duration = TimeSpan.FromSeconds(143),
            Phases =
            [
                new PhaseTime("connect", TimeSpan.FromMilliseconds(12)),
                new PhaseTime("scan", TimeSpan.FromSeconds(139)),
                new PhaseTime("transfer", TimeSpan.FromSeconds(2.95)),
                new PhaseTime("commit", TimeSpan.FromSeconds(0.9996)),
            ],
        };

    public static CycleReport Unchanged { get; } =
        Changed with
        {
            Plan = Plan.Digest,
            PlanReason = "both maps are of the target's generation",
            TargetBytesRead = 0,
            TargetBytesWritten = 0,
            ChangedBlocks = 0,
            LiteralBytes = 0,
            StoredBytes = 0,
            CopiedBytes = 0,
            ZeroedBytes = 0,
            BytesSent = 900,
            BytesReceived = 700,
            Duration = TimeSpan.FromSeconds(16.04),
            Phases = [new PhaseTime("scan", TimeSpan.FromSeconds(16))],
        };

    public static CycleReport Initial { get; } =
        Changed with
        {
            Plan = Plan.Full,
            PlanReason = "the target was never initialised",
            ApplyMode = ApplyMode.Direct,
            IsInitial = true,
            IsFuzzy = true,
            LiteralBytes = GiB,
            StoredBytes = GiB,
            CopiedBytes = 0,
            ZeroedBytes = 49 * GiB,
        };

    public static VerifyReport Equal { get; } =
        new()
        {
            DeviceBytes = GiB,
            BlockSizeBytes = 65536,
            DifferingBlocks = 0,
            FirstDifferences = [],
            SourceBytesRead = GiB,
            TargetBytesRead = GiB,
            BytesSent = 512,
            BytesReceived = 2048,
            Duration = TimeSpan.FromSeconds(1.5),
        };

    public static VerifyReport Differing { get; } =
        Equal with
        {
            DifferingBlocks = 3,
            FirstDifferences = [new Extent(10_314_842_112, 65536), new Extent(20_450_115_584, 131072)],
        };
}
