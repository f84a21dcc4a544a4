using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Journals;
using RsyncFs.Linux.Native;
using RsyncFs.Maps;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using RsyncFs.Updates;
using Xunit;

namespace RsyncFs.Tests.Updates;

public sealed class JournalUpdateTests : IDisposable
{
    private const int BlockSize = 16384;
    private const int Length = 10 * BlockSize;

    private readonly SimulatedDurableDirectory _directory = new();
    private readonly byte[] _content = new byte[Length];
    private readonly List<UpdateStep> _steps = [];
    private readonly WatchedDevice _device;

    public JournalUpdateTests()
    {
        new Random(1).NextBytes(_content);
        _device = new WatchedDevice(new MemoryBlockDevice(_content, "target"), _steps);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _device.Dispose();

    /// <summary>A flush says nothing until it is over: it has a deadline of its own, and must be told apart.</summary>
    [Fact]
    public async Task SaysThatItFlushesBeforeItDoes()
    {
        using var target = await ReplicatedAsync();
        Commit(target, root => root);
        Assert.Equal([UpdateStep.Flush], _device.StepsAtFlush.Distinct());
        Assert.Contains(UpdateStep.Apply, _steps);
        Assert.False(_content.AsSpan(3 * BlockSize, BlockSize).ContainsAnyExcept((byte)0));
        Assert.Equal(TargetStatus.Consistent, target.Record!.Status);
    }

    [Fact]
    public async Task AnotherRootLeavesTheTargetAtItsGenerationAndItsMapVoid()
    {
        using var target = await ReplicatedAsync();
        var (before, record) = (_content.ToArray(), target.Record);
        var failure = Assert.Throws<RsyncFsException>(() =>
            Commit(target, root => root with { First = root.First + 1 })
        );
        Assert.Equal(ErrorId.RootMismatch, failure.Id);
        AssertUntouched(target, before, record!);
        Assert.Null(target.OpenTrustedMap(HasherOf(target)));
    }

    /// <summary>C2, C9: what was proven against generation N is worth nothing on anything else.</summary>
    [Fact]
    public async Task AForeignWriteDuringTheSessionStopsTheCommitBeforeItsFirstWrite()
    {
        using var target = await ReplicatedAsync();
        var (before, record) = (_content.ToArray(), target.Record);
        var failure = Assert.Throws<RefusedException>(() =>
            Commit(target, root => root, _device.CountForeignWrite)
        );
        Assert.Equal(ErrorId.TargetInUse, failure.Id);
        Assert.Equal(TargetStatus.Diverged, target.Record!.Status);
        AssertUntouched(
            target,
            before,
            record! with
            {
                Status = TargetStatus.Diverged,
                ChangedAt = target.Record.ChangedAt,
            }
        );
    }

    /// <summary>C2: the target moved on between the begin of a delta and its end.</summary>
    [Fact]
    public async Task ATargetThatLeftTheParentStopsTheCommit()
    {
        using var target = await ReplicatedAsync();
        var before = _content.ToArray();
        var moved = target.Record! with { Generation = Guid.NewGuid() };
        Assert.Throws<ProtocolException>(() => Commit(target, root => root, () => target.Save(moved)));
        AssertUntouched(target, before, moved);
    }

    /// <summary>C8: the next attempt must not run into the same wall, not even after a restart.</summary>
    [Fact]
    public async Task ThatADeltaDidNotFitIsDurable()
    {
        using var target = await ReplicatedAsync();
        var (before, record) = (_content.ToArray(), target.Record!);
        const long Limit = 64 * 1024;
        var failure = Assert.Throws<RefusedException>(() => Commit(target, root => root, limitBytes: Limit));
        Assert.Equal(ErrorId.JournalFull, failure.Id);
        AssertUntouched(target, before, record with { OverflowLimitBytes = Limit });
    }

    /// <summary>C8: the last record is what does not fit, one time that which makes the delta whole, one time a checkpoint.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ThatTheLastRecordDidNotFitIsDurable(bool isCheckpoint)
    {
        using var other = new JournalUpdateTests();
        using var measured = await other.ReplicatedAsync();
        var length = other.Stage(measured, long.MaxValue, isCheckpoint);
        using var target = await ReplicatedAsync();
        var (before, record) = (_content.ToArray(), target.Record!);
        var failure = Assert.Throws<RefusedException>(() => Stage(target, length - 1, isCheckpoint));
        Assert.Equal(ErrorId.JournalFull, failure.Id);
        AssertUntouched(target, before, record with { OverflowLimitBytes = length - 1 });
    }

    /// <summary>C2: what a map is sealed with is what was checked. Whoever wrote behind that must be seen by the next session.</summary>
    [Theory]
    [InlineData(ApplyMode.Journal)]
    [InlineData(ApplyMode.Direct)]
    public async Task AWriteBetweenTheCheckAndTheSealOfTheMapIsSeenByTheNextSession(ApplyMode mode)
    {
        _device.IsWrittenAfterTheCheck = mode == ApplyMode.Direct;
        using var target = await ReplicatedAsync();
        if (mode == ApplyMode.Journal)
        {
            _device.IsWrittenAfterTheCheck = true;
            Commit(target, root => root);
        }

        Assert.False(_device.IsWrittenAfterTheCheck, "nobody wrote");
        Assert.Equal(TargetStatus.Consistent, target.Record!.Status);
        Assert.Null(target.OpenTrustedMap(HasherOf(target)));
    }

    /// <summary>
    /// What the delta rests on was read, and may lie in a cache: a loss of power behind the commit point would leave
    /// the delta on something else. What was known from a map that is believed is on the device.
    /// </summary>
    [Theory]
    [InlineData(TargetStatus.Consistent, false, 0)]
    [InlineData(TargetStatus.Consistent, true, 1)]
    [InlineData(TargetStatus.Adopted, false, 1)]
    public async Task WhatWasReadIsFlushedBeforeTheCommitPoint(TargetStatus status, bool isRead, int flushes)
    {
        using var target = await ReplicatedAsync();
        var hasher = HasherOf(target);
        using var map = target.OpenTrustedMap(hasher)!;
        target.Save(target.Record! with { Status = status });
        if (isRead)
        {
            map.ForgetSeal();
        }

        using var update = Begin(target, hasher, map, long.MaxValue);
        update.Stage(new ZeroRun(3, 1));
        var end = new GenerationEnd(RootWithZeros(hasher), IsFuzzy: false);
        update.MakeDurable(end, (step, _) => _steps.Add(step));
        Assert.Equal(TargetStatus.Committed, target.Record!.Status);
        Assert.Equal(Enumerable.Repeat(UpdateStep.Flush, flushes), _device.StepsAtFlush);
    }

    /// <summary>A copy stands in the journal as what it makes, and as short as that can be made.</summary>
    [Fact]
    public async Task ACopyStandsCompressedInTheJournal()
    {
        _content.AsSpan(5 * BlockSize, BlockSize).Fill((byte)'x');
        using var target = await ReplicatedAsync();
        var hasher = HasherOf(target);
        using var map = target.OpenTrustedMap(hasher)!;
        using var update = Begin(target, hasher, map, long.MaxValue);
        var copied = hasher.Hash.Compute(_content.AsSpan(5 * BlockSize, BlockSize));
        Assert.True(
            update.Stage(
                new BlockChange(3, copied)
                {
                    Copies = [new CopyOp(0, BlockSize / BlockLayout.PageSizeBytes, 5 * BlockSize)],
                }
            )
        );
        update.Checkpoint(1, default);
        using var journal = Journal.TryOpen(_directory, long.MaxValue);
        Assert.InRange(journal!.LengthBytes, 1, BlockSize / 2);
    }

    private void AssertUntouched(Target target, byte[] before, TargetRecord record)
    {
        Assert.True(before.AsSpan().SequenceEqual(_content), "the target was written");
        Assert.Equal(record, target.Record);
        Assert.Equal(record, TargetRecord.Load(_directory));
    }

    private static BlockHasher HasherOf(Target target) =>
        new(new BlockLayout(Length, BlockSize), target.Record!.Volume!.Hash);

    private void Commit(
        Target target,
        Func<Digest, Digest> say,
        Action? meanwhile = null,
        long limitBytes = long.MaxValue
    )
    {
        var hasher = HasherOf(target);
        using var map = target.OpenTrustedMap(hasher)!;
        using var update = Begin(target, hasher, map, limitBytes);
        Assert.True(update.Stage(new ZeroRun(3, 1)));
        for (var block = 4; limitBytes < Length && block < 10; block++)
        {
            update.Stage(WholeBlock(hasher, block));
        }

        meanwhile?.Invoke();
        _device.StepsAtFlush.Clear();
        var end = new GenerationEnd(say(RootWithZeros(hasher)), IsFuzzy: false);
        Assert.True(update.MakeDurable(end, (step, _) => _steps.Add(step)));
        update.Apply((step, _) => _steps.Add(step));
    }

    /// <summary>A delta whose last record is a checkpoint, or the one that makes it whole; gives the length of its journal then.</summary>
    private long Stage(Target target, long limitBytes, bool isCheckpoint)
    {
        var hasher = HasherOf(target);
        using var map = target.OpenTrustedMap(hasher)!;
        using var update = Begin(target, hasher, map, limitBytes);
        update.Stage(new ZeroRun(3, 1));
        for (var block = 4; block < 10; block++)
        {
            update.Stage(WholeBlock(hasher, block));
        }

        if (isCheckpoint)
        {
            update.Checkpoint(1, default);
            using var journal = Journal.TryOpen(_directory, long.MaxValue);
            return journal!.LengthBytes;
        }

        update.MakeDurable(new GenerationEnd(RootWithZeros(hasher), IsFuzzy: false), (_, _) => { });
        var length = target.Record!.Pending!.JournalBytes;
        update.Apply((_, _) => { });
        return length;
    }

    private JournalUpdate Begin(Target target, BlockHasher hasher, DigestMap map, long limitBytes)
    {
        var record = target.Record!;
        var parent = record.Status == TargetStatus.Consistent ? record.Generation : Guid.Empty;
        var context = new UpdateContext(
            target,
            record.Volume!,
            hasher,
            SourceLineage.FirstEpoch,
            new GenerationStart(Guid.NewGuid(), parent, DateTimeOffset.UnixEpoch),
            _device.ReadEvidence()
        );
        var resolver = new BlockResolver(_device, hasher, new BlockCodecs(new Lz4Codec()));
        return new JournalUpdate(context, map, resolver, partial: null, limitBytes);
    }

    /// <summary>C8: what they would be made of may be written already.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task InPlaceACopyAndAPatchAreRefused(bool isPatch)
    {
        using var target = await ReplicatedAsync();
        var hasher = HasherOf(target);
        var record = target.Record!;
        var context = new UpdateContext(
            target,
            record.Volume!,
            hasher,
            SourceLineage.FirstEpoch,
            new GenerationStart(Guid.NewGuid(), record.Generation, DateTimeOffset.UnixEpoch),
            _device.ReadEvidence()
        );
        using var map = target.CreateMap(hasher);
        var resolver = new BlockResolver(_device, hasher, new BlockCodecs(new Lz4Codec()))
        {
            TakesPatches = true,
        };
        using var update = new DirectUpdate(context, map, resolver);
        var whole = WholeBlock(hasher, 2);
        var change = isPatch
            ? whole with
            {
                IsPatch = true,
                Codec = CodecId.Lz4,
            }
            : new BlockChange(2, whole.Digest) { Copies = [new CopyOp(0, 1, 0)] };
        Assert.Throws<ProtocolException>(() => update.Stage(change));
    }

    private BlockChange WholeBlock(BlockHasher hasher, int block)
    {
        var content = _content.AsSpan(block * BlockSize, BlockSize).ToArray();
        return new BlockChange(block, hasher.Hash.Compute(content))
        {
            WrittenPages = PageBitmap.All(hasher.Layout.PageCountOf(block)),
            Stored = content,
        };
    }

    private Digest RootWithZeros(BlockHasher hasher)
    {
        var content = _content.ToArray();
        content.AsSpan(3 * BlockSize, BlockSize).Clear();
        var entries = new byte[10 * hasher.EntryLength];
        hasher.WriteEntries(0, content, entries);
        using var map = DigestMap.Create(new SimulatedDurableDirectory(), "map", hasher);
        map.Set(0, entries);
        return map.ComputeRoot();
    }

    private async Task<Target> ReplicatedAsync()
    {
        var pair = new ReplicationPair(new MemoryBlockDevice(_content.ToArray(), "source"), _device)
        {
            ReceiverState = _directory,
        };
        await pair.RunAsync(Token);
        return new Target(
            "t",
            () => _device,
            _directory,
            pair.Policy,
            new Services(new Lz4Codec(), TimeProvider.System, new SeededRandomNumbers(2))
        );
    }

    private sealed class WatchedDevice(MemoryBlockDevice inner, List<UpdateStep> steps) : IBlockDevice
    {
        private bool _isWritten;

        public List<UpdateStep> StepsAtFlush { get; } = [];

        /// <summary>True to let somebody else write, once, right after the first look at the evidence that follows our writes.</summary>
        public bool IsWrittenAfterTheCheck { get; set; }

        public string Name => inner.Name;

        public long LengthBytes => inner.LengthBytes;

        public long SectorsWritten => inner.SectorsWritten;

        public void CountForeignWrite() => inner.CountForeignWrite(8);

        public void Read(long offsetBytes, Span<byte> buffer) => inner.Read(offsetBytes, buffer);

        public void Write(long offsetBytes, ReadOnlySpan<byte> data)
        {
            _isWritten = IsWrittenAfterTheCheck;
            inner.Write(offsetBytes, data);
        }

        public void Zero(Extent extent)
        {
            _isWritten = IsWrittenAfterTheCheck;
            inner.Zero(extent);
        }

        public void Flush()
        {
            StepsAtFlush.AddRange(steps.TakeLast(1));
            inner.Flush();
        }

        public Extent NextData(long offsetBytes) => inner.NextData(offsetBytes);

        public ChangeEvidence ReadEvidence()
        {
            var evidence = inner.ReadEvidence();
            if (_isWritten)
            {
                (_isWritten, IsWrittenAfterTheCheck) = (false, false);
                CountForeignWrite();
            }

            return evidence;
        }

        public void Dispose() => inner.Dispose();
    }
}
