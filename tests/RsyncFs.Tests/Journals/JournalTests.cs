using System.Security.Cryptography;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Journals;
using RsyncFs.State;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Journals;

public sealed class JournalTests
{
    private static readonly Guid Transaction = Guid.NewGuid();

    private readonly SimulatedDurableDirectory _directory = new();

    [Fact]
    public void WhatWasAppendedIsReadInBlockOrder()
    {
        using var journal = Create(Transaction);
        var records = new List<JournalRecord>();
        var random = new Random(1);
        for (var i = 0; i < 500; i++)
        {
            records.Add(i % 7 == 0 ? ZeroRun(1000 - (2 * i)) : Block(1000 - (2 * i), random));
            journal.Append(records[^1]);
        }

        journal.Drain();
        var staged = journal.InBlockOrder();
        Assert.Equal(500, staged.Count);
        records.Reverse();
        for (var i = 0; i < staged.Count; i++)
        {
            AssertSame(records[i], journal.Read(staged[i]));
            Assert.Equal(0, staged[i].OffsetBytes % JournalRecord.AlignmentBytes);
        }
    }

    [Fact]
    public void AWholeHeaderThatMakesNoSenseIsNone()
    {
        using (Create(Transaction)) { }

        using (var file = _directory.Open("journal"))
        {
            var head = new byte[JournalHeader.HeaderBytes];
            file.Read(0, head);
            // The id of the volume.
            head.AsSpan(26, 16).Clear();
            SHA256.HashData(head.AsSpan(0, 4064), head.AsSpan(4064));
            file.Write(0, head);
        }

        Assert.Null(Journal.TryOpen(_directory, long.MaxValue));
    }

    [Fact]
    public void ACheckpointThatStoresBytesEndsTheJournal()
    {
        using (var journal = Create(Transaction))
        {
            var writer = new ByteWriter();
            var record = JournalRecord.OfCheckpoint(1, default) with { Stored = new byte[600] };
            record.Encode(writer, Transaction, journal.Chain);
            using var file = _directory.Open("journal");
            file.Write(JournalHeader.HeaderBytes, writer.Written);
        }

        using var opened = Journal.TryOpen(_directory, long.MaxValue)!;
        Assert.Empty(opened.Marks);
    }

    [Fact]
    public void EveryFlippedByteOfARecordIsFound()
    {
        using var journal = Create(Transaction);
        var record = Block(3, new Random(2));
        journal.Append(record);
        journal.Drain();
        var staged = journal.InBlockOrder()[0];
        using var file = _directory.Open("journal");
        var length = JournalRecord.HeadLength + 2 + record.Stored.Length;
        Span<byte> one = stackalloc byte[1];
        for (var at = 0; at < length; at++)
        {
            file.Read(staged.OffsetBytes + at, one);
            one[0] ^= 0x40;
            file.Write(staged.OffsetBytes + at, one);
            var failure = Assert.Throws<StateException>(() => journal.Read(staged));
            Assert.True(failure.Id is ErrorId.StateDamaged or ErrorId.StateIo, $"byte {at}: {failure.Id}");
            one[0] ^= 0x40;
            file.Write(staged.OffsetBytes + at, one);
        }

        AssertSame(record, journal.Read(staged));
    }

    [Fact]
    public void BytesOfAnotherTransactionAreNoRecords()
    {
        using (var old = Create(Guid.NewGuid()))
        {
            old.Append(Block(3, new Random(2)));
            old.Drain();
            using var file = _directory.Open("journal");
            var failure = Assert.Throws<StateException>(() =>
                JournalRecord.Read(file, JournalHeader.HeaderBytes, Transaction)
            );
            Assert.Equal(ErrorId.StateDamaged, failure.Id);
        }
    }

    /// <summary>I11: what lies behind the end is of the same transaction, and whole; only its link tells that it is old.</summary>
    [Fact]
    public void WhatWasGivenUpBehindAMarkIsNotReadAgain()
    {
        using (var journal = Create(Transaction))
        {
            journal.Append(ZeroRun(2));
            journal.Mark(1, new Digest(1, 0));
            journal.Append(ZeroRun(12));
            journal.Mark(2, new Digest(2, 0));
            journal.GoBackTo(journal.Marks[0]);
            journal.Append(ZeroRun(22));
            journal.Drain();
        }

        using var again = Journal.TryOpen(_directory, long.MaxValue)!;
        Assert.Equal([2L, 22L], again.Staged.Select(staged => staged.FirstBlock));
        Assert.Equal([1L], again.Marks.Select(mark => mark.RecordCount));
    }

    /// <summary>C1: what a copy would read may be gone after half an apply, so a journal holds literal bytes alone.</summary>
    [Fact]
    public async Task CopiesAreLiteralInTheJournal()
    {
        var bytes = new byte[40 * 16384];
        new Random(4).NextBytes(bytes);
        var original = bytes.ToArray();
        var spy = new JournalSpy();
        var pair = new ReplicationPair(
            new MemoryBlockDevice(bytes, "source"),
            new MemoryBlockDevice(bytes.Length, "target")
        )
        {
            ReceiverState = spy,
        };
        await pair.RunAsync(TestContext.Current.CancellationToken);
        original.AsSpan(0, 20 * 16384).CopyTo(bytes.AsSpan(10 * 16384 + 4096));
        var report = await pair.RunAsync(TestContext.Current.CancellationToken);
        Assert.True(report.CopiedBytes > 15 * 16384, "nothing was copied: the test tests nothing");
        Assert.True(
            spy.LongestJournalBytes > report.CopiedBytes,
            "the journal is shorter than the copied bytes"
        );
    }

    /// <summary>C1: what a patch is made of is gone after half an apply as well.</summary>
    [Fact]
    public async Task PatchesAreLiteralInTheJournal()
    {
        var bytes = new byte[40 * 16384];
        new Random(4).NextBytes(bytes);
        var spy = new JournalSpy();
        var pair = new ReplicationPair(
            new MemoryBlockDevice(bytes, "source"),
            new MemoryBlockDevice(bytes.Length, "target")
        )
        {
            ReceiverState = spy,
            Snapshots = new SimulatedSnapshots(bytes),
        };
        await pair.RunAsync(TestContext.Current.CancellationToken);
        for (var at = 0; at < bytes.Length; at += 4096)
        {
            bytes[at + 17] ^= 1;
        }

        var report = await pair.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal(bytes.Length, report.PatchedBytes);
        Assert.InRange(report.PatchedStoredBytes, 1, bytes.Length / 20);
        Assert.True(
            spy.LongestJournalBytes > report.PatchedBytes,
            "the journal is shorter than the patched bytes"
        );
    }

    private Journal Create(Guid transaction) =>
        Journal.Create(
            _directory,
            new JournalHeader(
                transaction,
                new Volume(Guid.NewGuid(), new StrongHash(HashAlgorithmId.XxHash128, 1), 16384),
                1 << 20,
                Guid.NewGuid(),
                Guid.NewGuid(),
                DateTimeOffset.UnixEpoch,
                DateTimeOffset.UnixEpoch,
                new ChangeEvidence("", 0, "")
            ),
            long.MaxValue
        );

    private static JournalRecord ZeroRun(long block) => JournalRecord.OfZeros(block, 2);

    private static JournalRecord Block(long block, Random random)
    {
        var written = new PageBitmap(4);
        written.Add(1);
        var zeroed = new PageBitmap(4);
        zeroed.Add(3);
        var stored = new byte[random.Next(1, 4097)];
        random.NextBytes(stored);
        var signature = new Signature((uint)random.Next(), new Digest((UInt128)random.NextInt64(), 0));
        return JournalRecord.OfBlock(block, signature, written, zeroed, CodecId.Lz4, stored);
    }

    private static void AssertSame(JournalRecord expected, JournalRecord actual)
    {
        Assert.Equal((expected.FirstBlock, expected.BlockCount), (actual.FirstBlock, actual.BlockCount));
        Assert.Equal((expected.Signature, expected.Codec), (actual.Signature, actual.Codec));
        Assert.Equal(expected.Written?.Bits.ToArray(), actual.Written?.Bits.ToArray());
        Assert.Equal(expected.Zeroed?.Bits.ToArray(), actual.Zeroed?.Bits.ToArray());
        Assert.True(expected.Stored.Span.SequenceEqual(actual.Stored.Span), "the stored bytes differ");
    }

    /// <summary>A directory that remembers how long the journal became.</summary>
    private sealed class JournalSpy : IDurableDirectory
    {
        private readonly SimulatedDurableDirectory _inner = new();

        public long LongestJournalBytes { get; private set; }

        public string Name => _inner.Name;

        public long FreeBytes => _inner.FreeBytes;

        public IReadOnlyList<string> List() => _inner.List();

        public bool Exists(string name) => _inner.Exists(name);

        public IDurableFile Open(string name) => _inner.Open(name);

        public IDurableFile Create(string name) => _inner.Create(name);

        public void Rename(string from, string to) => _inner.Rename(from, to);

        public void Delete(string name)
        {
            if (string.Equals(name, "journal", StringComparison.Ordinal) && _inner.Exists(name))
            {
                using var file = _inner.Open(name);
                LongestJournalBytes = Math.Max(LongestJournalBytes, file.LengthBytes);
            }

            _inner.Delete(name);
        }

        public void Flush() => _inner.Flush();

        public IDurableDirectory OpenDirectory(string name) => _inner.OpenDirectory(name);
    }
}
