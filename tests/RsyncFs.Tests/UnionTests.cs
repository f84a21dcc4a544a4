using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Sources;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>
/// C6: several destinations of one source take its base from one another, and one that is behind the base is served
/// from the union of what changed since its own generation.
/// </summary>
public sealed class UnionTests
{
    private const int BlockSize = 16384;
    private const int BlockCount = 256;
    private const int Length = (BlockCount * BlockSize) - 5632;
    private const int DestinationCount = 3;

    // Enough that a sample of 64 blocks does not read them all.
    private const int FewBytes = Length / 2;

    private readonly byte[] _source = new byte[Length];
    private readonly byte[][] _targets =
    [
        .. Enumerable.Range(0, DestinationCount).Select(_ => new byte[Length]),
    ];
    private readonly MemoryBlockDevice[] _devices;
    private readonly SimulatedDurableDirectory[] _receivers =
    [
        .. Enumerable.Range(0, DestinationCount).Select(_ => new SimulatedDurableDirectory()),
    ];
    private readonly SimulatedSnapshots _storage;
    private SimulatedDurableDirectory _sender = new();

    public UnionTests()
    {
        new Random(1).NextBytes(_source);
        _storage = new SimulatedSnapshots(_source);
        _devices = [.. _targets.Select(target => new MemoryBlockDevice(target, "target"))];
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ADestinationThatIsBehindTheBaseIsServedFromItsUnion()
    {
        await RunAsync(0);
        await RunAsync(1);
        for (var block = 10; block < 13; block++)
        {
            Change(block);
            await RunAsync(1);
        }

        Change(20);
        var report = await RunAsync(0);
        Assert.Equal((Plan.Tracked, 4), (report.Plan, report.ChangedBlocks));
        Assert.Contains("what had changed before is known", report.PlanReason, StringComparison.Ordinal);
        Assert.InRange(report.SourceBytesRead, 1, FewBytes);
        report = await RunAsync(1);
        Assert.Equal((Plan.Tracked, 1), (report.Plan, report.ChangedBlocks));
        Assert.InRange(_storage.Count, 1, 1);
    }

    /// <summary>What changed and changed back is in the union, is read, and is not sent.</summary>
    [Fact]
    public async Task WhatIsInTheUnionAndDidNotChangeIsNotSent()
    {
        await RunAsync(0);
        await RunAsync(1);
        Change(10);
        await RunAsync(1);
        Change(10);
        var report = await RunAsync(0);
        Assert.Equal((Plan.Tracked, true), (report.Plan, report.IsUnchanged));
        // That cycle sent nothing, and moved the base all the same.
        report = await RunAsync(1);
        Assert.Equal((Plan.Tracked, 1), (report.Plan, report.ChangedBlocks));
    }

    /// <summary>The storage is asked for the others whatever the plan is.</summary>
    [Theory]
    [InlineData(Plan.Full)]
    [InlineData(Plan.Compare)]
    [InlineData(Plan.Digest)]
    public async Task ACycleThatIsNotTrackedExtendsTheUnionsOfTheOthers(Plan plan)
    {
        await RunAsync(0);
        await RunAsync(1);
        Change(10);
        Assert.Equal(
            plan,
            (await RunAsync(1, pair => pair.Options = pair.Options with { Plan = plan })).Plan
        );
        Change(11);
        var report = await RunAsync(0);
        Assert.Equal((Plan.Tracked, 2), (report.Plan, report.ChangedBlocks));
    }

    /// <summary>A first copy moves the base, too.</summary>
    [Fact]
    public async Task ANewDestinationDoesNotCostTheOthersTheirBase()
    {
        await RunAsync(0);
        Change(10);
        Assert.Equal(Plan.Full, (await RunAsync(1)).Plan);
        var report = await RunAsync(0);
        Assert.Equal((Plan.Tracked, 1), (report.Plan, report.ChangedBlocks));
    }

    [Fact]
    public async Task WithoutTheBaseTheUnionsAreBrokenAndItSaysSo()
    {
        await RunAsync(0);
        await RunAsync(1);
        Change(10);
        await RunAsync(1);
        _storage.RemoveAllBut([]);
        Change(11);
        Assert.Contains(
            "the base snapshot is not there",
            (await RunAsync(1)).PlanReason,
            StringComparison.Ordinal
        );
        var report = await RunAsync(0);
        Assert.Equal((Plan.Digest, 2), (report.Plan, report.ChangedBlocks));
        Assert.Contains(
            "what changed between them is not known",
            report.PlanReason,
            StringComparison.Ordinal
        );
        Change(12);
        Assert.Equal(Plan.Tracked, (await RunAsync(0)).Plan);
        Assert.Equal(Plan.Tracked, (await RunAsync(1)).Plan);
    }

    [Fact]
    public async Task AFileThatIsDamagedIsNoUnionAndNoFailure()
    {
        await RunAsync(0);
        await RunAsync(1);
        Change(10);
        await RunAsync(1);
        using (var file = _sender.Open("unions"))
        {
            file.Write(60, [1, 2, 3, 4]);
        }

        Assert.Equal(Plan.Digest, (await RunAsync(0)).Plan);
        Assert.Equal(Plan.Tracked, (await RunAsync(1)).Plan);
    }

    /// <summary>The target may be at the new generation or the old: it is tracked from either, though others went on.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AGenerationThatNobodyAcknowledgedHasAUnionOfItsOwn(bool isInTime)
    {
        await RunAsync(0);
        await RunAsync(1);
        Change(10);
        await LastWord.LoseAsync(
            wire => RunAsync(0, pair => pair.Wire = wire),
            () => Generation(0),
            () => Change(10)
        );
        if (!isInTime)
        {
            Change(11);
            Assert.Equal(Plan.Tracked, (await RunAsync(1)).Plan);
        }

        Change(12);
        Assert.Equal(Plan.Tracked, (await RunAsync(0)).Plan);
        Change(13);
        Assert.Equal(Plan.Tracked, (await RunAsync(1)).Plan);
    }

    /// <summary>
    /// Anything happens to any of them. Each cycle that succeeds leaves its target as the source was, and where nothing
    /// happened to the destination itself nor to the base, only what changed is read.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task InARandomHistoryEveryTargetIsTheSource(int history)
    {
        var random = new Random(TestSeed.NewRandom().Next() + history);
        _storage.TellsWhatWasWrittenSince = history % 2 == 1;
        var isKnown = new bool[DestinationCount];
        Backup? backup = null;
        var trackedCount = 0;
        for (var step = 0; step < 150; step++)
        {
            ChangeAnything(random);
            var which = random.Next(DestinationCount);
            switch (random.Next(20))
            {
                case < 11:
                    var plan = (await RunAsync(which)).Plan;
                    Assert.True(!isKnown[which] || plan == Plan.Tracked, $"step {step}: plan {plan}");
                    trackedCount += isKnown[which] ? 1 : 0;
                    isKnown[which] = true;
                    break;
                case < 13:
                    var asked = (Plan)random.Next((int)Plan.Full, (int)Plan.Compare + 1);
                    await RunAsync(which, pair => pair.Options = pair.Options with { Plan = asked });
                    isKnown[which] = true;
                    break;
                case < 18:
                    isKnown[which] = await TryCutAsync(which, random);
                    break;
                case 18:
                    _storage.RemoveAllBut([]);
                    isKnown.AsSpan().Clear();
                    break;
                default:
                    if (backup is null)
                    {
                        backup = Save();
                        break;
                    }

                    isKnown.AsSpan().Clear();
                    if (random.Next(2) == 0)
                    {
                        RestoreUnions(backup);
                        break;
                    }

                    Restore(backup);
                    backup = null;
                    break;
            }
        }

        Assert.InRange(trackedCount, 10, 150);
    }

    [Fact]
    public void AUnionForWhichThereIsNoRoomIsLeftOut()
    {
        var layout = new BlockLayout(1L << 36, 4096);
        var directory = new SimulatedDurableDirectory();
        var large = new BlockSet(layout.BlockCount);
        var small = new BlockSet(layout.BlockCount);
        for (var block = 0L; block < layout.BlockCount; block += 2)
        {
            large.Add(block);
        }

        small.Add(7);
        small.Add(8);
        small.Add(layout.BlockCount - 1);
        var (one, other) = (new ChangeEvidence("one", 0, ""), new ChangeEvidence("other", 0, ""));
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        BaseUnions.Save(directory, layout, [one, other], [(first, large), (second, small)]);
        foreach (var evidence in new[] { one, other })
        {
            var unions = BaseUnions.Load(directory, evidence, layout)!;
            Assert.Null(unions.Find(first));
            Assert.Equal(
                [layout.ExtentOf(7, 2), layout.ExtentOf(layout.BlockCount - 1)],
                unions.Find(second)
            );
        }

        Assert.Null(BaseUnions.Load(directory, one with { Identity = "another" }, layout));
        Assert.Null(BaseUnions.Load(directory, one, new BlockLayout(layout.LengthBytes + 1, 4096)));
    }

    private Guid Generation(int which) => TargetRecord.Load(_receivers[which])!.Generation;

    private SourceState State() => SourceState.Load(_sender);

    /// <summary>Twice, and it is as before.</summary>
    private void Change(int block) => _source[(block * BlockSize) + 100] ^= 1;

    private void ChangeAnything(Random random)
    {
        for (var left = random.Next(5); left > 0; left--)
        {
            if (random.Next(2) == 0)
            {
                Change(random.Next(BlockCount));
                continue;
            }

            var length = random.Next(1, 3 * BlockSize);
            random.NextBytes(_source.AsSpan(random.Next(Length - length), length));
        }
    }

    private async Task<bool> TryCutAsync(int which, Random random)
    {
        var isSenderCut = random.Next(2) == 0;
        var bytes = isSenderCut ? random.Next(150_000) : random.Next(3000);
        try
        {
            await RunAsync(which, pair => pair.Wire = wire => CuttingStream.Cut(wire, isSenderCut, bytes));
            return true;
        }
        catch (ConnectionException)
        {
            return false;
        }
    }

    /// <summary>Both ends are as they were then, but for the storage, which has gone on.</summary>
    private void Restore(Backup backup)
    {
        _sender = backup.Sender;
        for (var i = 0; i < DestinationCount; i++)
        {
            _receivers[i] = backup.Receivers[i];
            backup.Targets[i].CopyTo(_targets[i], 0);
        }
    }

    /// <summary>A file that is older than the state beside it says less, and nothing that is not so.</summary>
    private void RestoreUnions(Backup backup)
    {
        if (backup.Sender.Exists("unions"))
        {
            using var old = backup.Sender.Open("unions");
            var bytes = new byte[old.LengthBytes];
            old.Read(0, bytes);
            using var file = _sender.Create("unions");
            file.Write(0, bytes);
        }
    }

    private Backup Save() =>
        new(
            _sender.CopyTo(new Faults()),
            [.. _receivers.Select(receiver => receiver.CopyTo(new Faults()))],
            [.. _targets.Select(target => target.ToArray())]
        );

    private sealed record Backup(
        SimulatedDurableDirectory Sender,
        SimulatedDurableDirectory[] Receivers,
        byte[][] Targets
    );

    private async Task<CycleReport> RunAsync(int which, Action<ReplicationPair>? prepare = null)
    {
        var pair = new ReplicationPair(new MemoryBlockDevice(_source, "source"), _devices[which])
        {
            Snapshots = _storage,
            SenderState = _sender,
            ReceiverState = _receivers[which],
            Destination = $"{which}",
        };
        pair.Options = pair.Options with { CheckpointBytes = 4 * BlockSize };
        prepare?.Invoke(pair);
        var interrupted = _storage.ContentOf(State().At(pair.Destination).Resume?.Evidence)?.ToArray();
        var takenBefore = _storage.Taken;
        try
        {
            var report = await pair.RunAsync(Token);
            var expected = _storage.Taken > takenBefore ? _source : interrupted!;
            Assert.True(expected.AsSpan().SequenceEqual(_targets[which]), "source and target differ");
            return report;
        }
        finally
        {
            var kept = State().KeptSnapshots;
            Assert.InRange(kept.Count, 0, 2);
            _storage.RemoveAllBut(kept);
        }
    }
}
