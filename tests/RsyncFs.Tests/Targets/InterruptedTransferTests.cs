using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Journals;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Targets;

/// <summary>What a person is told of a transfer that is not whole is what a sender could go on with, and no more.</summary>
public sealed class InterruptedTransferTests
{
    private const int Length = 1 << 20;

    private static readonly DateTimeOffset Begun = new(2026, 9, 24, 10, 15, 0, TimeSpan.Zero);

    private readonly SimulatedDurableDirectory _directory = new();
    private readonly TargetRecord _record = new()
    {
        Status = TargetStatus.Consistent,
        Volume = new Volume(Guid.NewGuid(), new StrongHash(HashAlgorithmId.XxHash128, 1), 16384),
        LengthBytes = Length,
        Generation = Guid.NewGuid(),
    };

    private readonly Guid _next = Guid.NewGuid();

    [Fact]
    public void OfAnUpdateItIsWhatLiesBeforeTheLastCheckpoint()
    {
        using var journal = Create(_record);
        Assert.Null(Find());
        Append(journal, 3);
        journal.Drain();
        Assert.Null(Find());
        journal.Mark(3, default);
        var atMark = journal.LengthBytes - JournalHeader.HeaderBytes;
        Assert.Equal(new InterruptedTransfer(_next, 3, atMark), Find());
        Append(journal, 2);
        journal.Drain();
        Assert.Equal(new InterruptedTransfer(_next, 3, atMark), Find());
        journal.Mark(5, default);
        Assert.Equal(5, Find()!.RecordCount);
    }

    [Fact]
    public void WhatIsWholeIsNotInterrupted()
    {
        using var journal = Create(_record);
        Append(journal, 3);
        journal.Mark(3, default);
        journal.Commit(new GenerationEnd(default, IsFuzzy: false));
        Assert.Null(Find());
    }

    [Fact]
    public void AJournalThatNobodyCouldGoOnWithIsNone()
    {
        using (var journal = Create(_record))
        {
            Append(journal, 3);
            journal.Mark(3, default);
        }

        Assert.NotNull(Find());
        Assert.Null(Find(_record with { Generation = Guid.NewGuid() }));
        Assert.Null(Find(_record with { LengthBytes = 2 * Length }));
        Assert.Null(Find(_record with { Status = TargetStatus.Diverged }));
        Assert.Null(InterruptedTransfer.Find(_directory, _record, Begun.AddDays(1)));
    }

    [Fact]
    public void ItEndsWhereTheChainIsBroken()
    {
        using var journal = Create(_record);
        Append(journal, 1);
        journal.Mark(1, default);
        var broken = journal.LengthBytes;
        Append(journal, 1);
        journal.Mark(2, default);
        Assert.Equal(2, Find()!.RecordCount);
        using (var file = _directory.Open("journal"))
        {
            file.Write(broken + 96, new byte[16]);
        }

        Assert.Equal(1, Find()!.RecordCount);
    }

    [Fact]
    public void OfAFirstCopyItIsTheWatermark()
    {
        var begun = _record with
        {
            Status = TargetStatus.Initializing,
            Pending = new PendingGeneration(_next, default, 0, default),
        };
        Assert.Null(Find(begun));
        new Watermark(_next, 128, default).Save(_directory);
        Assert.Equal(new InterruptedTransfer(_next, 128, JournalBytes: null), Find(begun));
        new Watermark(Guid.NewGuid(), 128, default).Save(_directory);
        Assert.Null(Find(begun));
    }

    private InterruptedTransfer? Find(TargetRecord? record = null) =>
        InterruptedTransfer.Find(_directory, record ?? _record, Begun.AddHours(23));

    private Journal Create(TargetRecord record) =>
        Journal.Create(
            _directory,
            new JournalHeader(
                Guid.NewGuid(),
                record.Volume!,
                Length,
                record.Generation,
                _next,
                Begun,
                Begun,
                new ChangeEvidence("", 0, "")
            ),
            long.MaxValue
        );

    private static void Append(Journal journal, int count)
    {
        for (var i = 0; i < count; i++)
        {
            journal.Append(JournalRecord.OfZeros(4 * i, 2));
        }
    }
}
