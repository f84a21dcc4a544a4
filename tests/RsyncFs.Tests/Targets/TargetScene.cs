using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Journals;
using RsyncFs.Linux.Native;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Targets;

/// <summary>A target on simulated storage, and journals made by hand in its directory.</summary>
public abstract class TargetScene : IDisposable
{
    private protected const int BlockSize = 16384;
    private protected const int BlockCount = 10;
    private protected const int Block = 3;

    private protected SimulatedBlockDevice Disk { get; } = new(BlockCount * BlockSize);
    private protected SimulatedDurableDirectory StateFiles { get; } = new();
    private protected ReplicationPair Pair { get; }

    private protected TargetScene()
    {
        var content = new byte[BlockCount * BlockSize];
        new Random(1).NextBytes(content);
        Pair = new ReplicationPair(new MemoryBlockDevice(content, "source"), Disk)
        {
            ReceiverState = StateFiles,
        };
    }

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Disk.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected async Task<DeltaPosition> OfferedAsync(Target target)
    {
        var streams = StreamPair.Create();
        await using var connection = new Connection(
            streams.Receiver,
            TimeProvider.System,
            "sender",
            ProtocolRole.Receiver
        );
        var record = target.Record!;
        var open = new OpenTarget(
            Purpose.Replicate,
            "t",
            target.Device.Shape,
            record.Volume!,
            IsNewVolume: false,
            new SourceLineage(record.Epoch, record.Generation, Guid.Empty, [])
        );
        using var session = new ReceiverSession(connection, target, open, initRefusal: null, target.Services);
        await streams.Sender.DisposeAsync();
        return session.Describe().Partial;
    }

    private protected async Task<byte[]> ReplicateAsync()
    {
        await Pair.RunAsync(Token);
        return Disk.Content;
    }

    private protected Target Open() => Open(Disk);

    private protected Target Open(SimulatedBlockDevice device) =>
        new(
            "t",
            () => device,
            StateFiles,
            Pair.Policy,
            new Services(new Lz4Codec(), TimeProvider.System, new SeededRandomNumbers(2))
        );

    private protected static BlockHasher HasherOf(Target target) =>
        new(new BlockLayout(target.Device.LengthBytes, BlockSize), target.Record!.Volume!.Hash);

    private protected static bool IsMapTrusted(Target target)
    {
        using var map = target.OpenTrustedMap(HasherOf(target));
        return map is not null;
    }

    private protected static bool HasPartial(Target target, bool willBeRead = false)
    {
        var evidence = target.Device.ReadEvidence();
        using var journal = target.OpenPartialJournal(
            target.Record!.Volume!,
            evidence,
            willBeRead,
            long.MaxValue
        );
        return journal is not null;
    }

    /// <summary>A whole journal, which writes the second page of one block.</summary>
    private protected static PendingGeneration Whole(Target target, Guid parent)
    {
        using var journal = Create(target, parent);
        return journal.Commit(new GenerationEnd(new Digest(1, 2), IsFuzzy: false));
    }

    private protected static void Partial(Target target, Guid parent)
    {
        using var journal = Create(target, parent);
        journal.Mark(1, new Digest(3, 4));
    }

    private protected static Journal Create(Target target, Guid parent)
    {
        var hasher = HasherOf(target);
        var journal = target.CreateJournal(
            new JournalHeader(
                Guid.NewGuid(),
                target.Record!.Volume!,
                target.Device.LengthBytes,
                parent,
                Guid.NewGuid(),
                DateTimeOffset.UnixEpoch,
                TimeProvider.System.GetUtcNow(),
                target.Device.ReadEvidence()
            ),
            long.MaxValue
        );
        var content = new byte[BlockSize];
        target.Device.Read(Block * BlockSize, content);
        var page = content.AsMemory(BlockLayout.PageSizeBytes, BlockLayout.PageSizeBytes);
        page.Span.Fill(7);
        var pageCount = hasher.Layout.PageCountOf(Block);
        var written = new PageBitmap(pageCount);
        written.Add(1);
        journal.Append(
            JournalRecord.OfBlock(
                Block,
                hasher.Compute(content),
                written,
                new PageBitmap(pageCount),
                CodecId.Raw,
                page
            )
        );
        return journal;
    }
}
