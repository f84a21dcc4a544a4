using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Sources;
using RsyncFs.Targets;
using RsyncFs.Tests.CrashLaboratory;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>
/// As <see cref="CutEverywhereTests"/>, with a checkpoint behind every piece of the delta (C17): a cut hits a
/// checkpoint, its answer, what is remembered of it, and a session that goes on from one. A share of all the places,
/// another one every day; <c>RSYNCFS_CUTS=all</c> takes every byte.
/// </summary>
public sealed class CutEverywhereResumedTests(ITestOutputHelper output)
{
    private const int BlockSize = 64 * 1024;

    // A piece of a delta is 4 MiB of its source: two, and a short one.
    private const int PieceBlocks = 64;
    private const int BlockCount = (2 * PieceBlocks) + 2;
    private const int Length = (BlockCount * BlockSize) + 700;

    // The first piece alone has more stored bytes than that: one checkpoint, and the rest of the delta behind it.
    private const int OnlyBehindTheFirstPiece = 1000;
    private const int BehindEveryPiece = 1;

    // Of the sender's bytes: the goodbye, and a part of EndOfDelta, before which all checkpoints were answered.
    private const int LastWordsBytes = 40;

    private const int Share = 101;

    private readonly byte[] _source = new byte[Length];
    private readonly byte[] _target = new byte[Length];
    private byte[] _before = [];
    private ReplicationPair? _pair;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static bool TakesAll => Environment.GetEnvironmentVariable("RSYNCFS_CUTS") is "all";

    private ReplicationPair Pair => _pair!;

    private ResumePoint? Point => SourceState.Load(Pair.SenderState).At("t").Resume;

    [Theory]
    [InlineData(true, false, true)]
    [InlineData(true, false, false)]
    [InlineData(true, true, true)]
    [InlineData(true, true, false)]
    [InlineData(false, false, true)]
    [InlineData(false, false, false)]
    [InlineData(false, true, true)]
    [InlineData(false, true, false)]
    public async Task ATransferWithCheckpointsCutAnywhereConverges(
        bool isFirstCopy,
        bool goesOn,
        bool isSenderCut
    )
    {
        await BeginAsync(isFirstCopy);
        var firstBytes = (await RunAsync(OnlyBehindTheFirstPiece)).BytesSent;
        var (cuts, resumed) = (0, 0);
        var length = await MeasureAsync(isFirstCopy, goesOn, isSenderCut, firstBytes);
        var step = TakesAll ? 1 : Share;
        for (var at = (long)(LaboratoryCommand.SeedOfToday % (ulong)step); at < length; at += step, cuts++)
        {
            await BeginAsync(isFirstCopy);
            if (goesOn)
            {
                await CutBehindTheFirstPieceAsync(firstBytes);
            }

            await CutAtAsync(isSenderCut, at);
            resumed += await ConvergeAsync(at) ? 1 : 0;
        }

        output.WriteLine($"{cuts} cuts in {length} bytes; {resumed} runs went on from a checkpoint");
        Assert.True(cuts > 0 && (resumed > 0 || !goesOn), "nothing was gone on with");
    }

    private async Task<long> MeasureAsync(bool isFirstCopy, bool goesOn, bool isSenderCut, long firstBytes)
    {
        await BeginAsync(isFirstCopy);
        if (goesOn)
        {
            await CutBehindTheFirstPieceAsync(firstBytes);
        }

        var report = await RunAsync(BehindEveryPiece);
        Assert.Equal(goesOn, report.IsResumed);
        return isSenderCut ? report.BytesSent : report.BytesReceived;
    }

    /// <summary>Begins afresh: a target that holds whatever it holds, or one at a generation; and a source that is something else.</summary>
    private async Task BeginAsync(bool isFirstCopy)
    {
        _target.AsSpan().Fill(0xA5);
        _before = [];
        _pair = new ReplicationPair(
            new MemoryBlockDevice(_source, "source"),
            new MemoryBlockDevice(_target, "target")
        );
        if (!isFirstCopy)
        {
            _source.AsSpan().Fill((byte)'a');
            await RunAsync(BehindEveryPiece);
            _before = _target.ToArray();
        }

        // Every block changes, and few bytes travel: a random page, a word in each of the other pieces, zeros.
        _source.AsSpan().Clear();
        new Random(2).NextBytes(_source.AsSpan(0, 1200));
        "behind the first checkpoint"u8.CopyTo(_source.AsSpan((PieceBlocks + 6) * BlockSize));
        "behind the second"u8.CopyTo(_source.AsSpan(2 * PieceBlocks * BlockSize));
        _source[^1] = 1;
        ((MemoryBlockDevice)Pair.Source).CountForeignWrite(1);
    }

    private Task<CycleReport> RunAsync(int checkpointBytes)
    {
        Pair.Options = Pair.Options with { BlockSizeBytes = BlockSize, CheckpointBytes = checkpointBytes };
        return Pair.RunAsync(Token);
    }

    /// <summary>Leaves a checkpoint at both ends, with a part of the delta behind it.</summary>
    private async Task CutBehindTheFirstPieceAsync(long bytesOfAll)
    {
        Pair.Wire = wire => CuttingStream.Cut(wire, isSenderCut: true, bytesOfAll - LastWordsBytes);
        await Assert.ThrowsAsync<ConnectionException>(() => RunAsync(OnlyBehindTheFirstPiece));
        Pair.Wire = wire => wire;
        Assert.Equal(PieceBlocks, Point?.FirstBlock);
    }

    private async Task CutAtAsync(bool isSenderCut, long at)
    {
        Pair.Wire = wire => CuttingStream.Cut(wire, isSenderCut, at);
        try
        {
            await RunAsync(BehindEveryPiece);
            // Only the goodbye may be cut: the word was said, and it was true.
            Assert.True(_source.AsSpan().SequenceEqual(_target), $"cut at {at}: a success that is none");
        }
        catch (ConnectionException)
        {
            Assert.True(
                Pair.ReceiverFailure is null or ConnectionException or OperationCanceledException,
                $"cut at {at}: {Pair.ReceiverFailure}"
            );
            AssertWhole(at);
        }

        Pair.Wire = wire => wire;
    }

    private void AssertWhole(long at)
    {
        // A first copy may leave anything, as long as it says so.
        if (_before.Length > 0 || TargetRecord.Load(Pair.ReceiverState)?.Status == TargetStatus.Consistent)
        {
            Assert.True(
                _target.AsSpan().SequenceEqual(_before) || _target.AsSpan().SequenceEqual(_source),
                $"cut at {at}: the target is neither the old nor the new generation"
            );
        }
    }

    /// <summary>Runs again, and says whether that went on from a checkpoint: exactly if one is left.</summary>
    private async Task<bool> ConvergeAsync(long at)
    {
        var hadPoint = Point is not null;
        var report = await RunAsync(BehindEveryPiece);
        Assert.True(_source.AsSpan().SequenceEqual(_target), $"cut at {at}: the next run did not converge");
        Assert.Null(Pair.ReceiverFailure);
        Assert.True(hadPoint || !report.IsResumed, $"cut at {at}: gone on with from nowhere");
        Assert.Equal(TargetStatus.Consistent, TargetRecord.Load(Pair.ReceiverState)!.Status);
        return report.IsResumed;
    }
}
