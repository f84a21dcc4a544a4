using System.Buffers.Binary;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Sources;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>
/// The ways in which tools of this kind lost data, one test each. The traps that are not here are
/// <see cref="CutEverywhereTests"/> (a truncated stream taken for success), the tests of refusals and devices on the
/// real kernel (nodes created, mounted targets, stale caches), and those of what a run costs.
/// </summary>
public sealed class TrapTests
{
    private const int BlockSize = 16384;
    private const int Length = 40 * BlockSize;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TheSenderNeverRunsAheadOfTheTarget()
    {
        // The receiver dies when it has all but the last word, and has written nothing: the sender must not believe it.
        var scenario = await DeadBeforeItsCommitPointAsync();
        var report = await scenario.Pair().RunAsync(Token);
        Assert.True(report.ChangedBlocks > 0, "the changes of the run that failed were forgotten");
        Assert.Equal(scenario.After, scenario.Target.DurableContent);
    }

    private static async Task<Scenario> DeadBeforeItsCommitPointAsync()
    {
        for (var call = await CallsUntilTheTargetIsWrittenAsync(); ; call--)
        {
            var faults = new Faults();
            var scenario = await Scenario.UpdateAsync(faults, isSourceFaulty: false, Token);
            faults.StopAt(call);
            await Assert.ThrowsAnyAsync<RsyncFsException>(() => scenario.Pair().RunAsync(Token));
            faults.Restart();
            using var settled = scenario.Pair().OpenTarget();
            if (settled.Record!.Generation == scenario.GenerationBefore)
            {
                Assert.Equal(scenario.Before, scenario.Target.Content);
                return scenario;
            }
        }
    }

    [Fact]
    public async Task AShortHashNeverHidesAChange()
    {
        var pair = Pair(out var source, out var target);
        await pair.RunAsync(Token);
        var hash = SourceState.Load(pair.SenderState).Volume!.Hash;
        var (first, second) = PagesWithTheSameShortHash(hash);

        // Alone in its block, and beside a page that does differ: both must arrive.
        first.CopyTo(source, 3 * BlockSize);
        first.CopyTo(source, 7 * BlockSize);
        await pair.RunAsync(Token);
        second.CopyTo(source, 3 * BlockSize);
        second.CopyTo(source, 7 * BlockSize);
        source[(7 * BlockSize) + 9000] ^= 1;
        var report = await pair.RunAsync(Token);

        Assert.True(source.AsSpan().SequenceEqual(target), "a change with an equal short hash was lost");
        Assert.Equal(2, report.ChangedBlocks);
        Assert.True(report.LiteralBytes > BlockSize, "the block that did not prove was not sent whole");
    }

    [Fact]
    public async Task NoTimestampAndNoCounterSparesTheSourceFromBeingRead()
    {
        var pair = Pair(out var source, out var target);
        await pair.RunAsync(Token);
        // Written behind the counter's back: the evidence of the device is what it was.
        source[123_456] ^= 1;
        var report = await pair.RunAsync(Token);
        Assert.Equal(1, report.ChangedBlocks);
        Assert.Equal(Length, report.SourceBytesRead - BlockSize);
        Assert.True(source.AsSpan().SequenceEqual(target), "the change was skipped");
    }

    [Fact]
    public async Task ADeltaNeverMeetsAnotherBase()
    {
        var pair = Pair(out var source, out var target);
        await pair.RunAsync(Token);
        // Another machine's copy of another source: same name, same size.
        var other = new ReplicationPair(
            new MemoryBlockDevice(new byte[Length], "other"),
            pair.Target,
            seed: 2
        )
        {
            ReceiverState = pair.ReceiverState,
        };
        var refusal = await Assert.ThrowsAsync<RefusedException>(() => other.RunAsync(Token));
        Assert.Equal(ErrorId.SenderUnknown, refusal.Id);
        Assert.True(source.AsSpan().SequenceEqual(target), "the target was written");
    }

    [Fact]
    public async Task ATargetThatSomebodyElseWroteIsReadAgain()
    {
        var pair = Pair(out var source, out var target);
        await pair.RunAsync(Token);
        target[77_777] ^= 1;
        ((MemoryBlockDevice)pair.Target).CountForeignWrite(1);
        var failure = await Assert.ThrowsAsync<RefusedException>(() => pair.RunAsync(Token));
        Assert.Equal(ErrorId.TargetDiverged, failure.Id);
        Assert.Equal(TargetStatus.Diverged, TargetRecord.Load(pair.ReceiverState)!.Status);
        var report = await pair.RunAsync(Token);
        Assert.Equal((Plan.Compare, TargetStatus.Diverged), (report.Plan, report.TargetStatus));
        Assert.True(source.AsSpan().SequenceEqual(target), "the foreign write stayed");
    }

    [Fact]
    public async Task AForeignWriteThatNobodyCountedIsFoundByTheAudit()
    {
        var pair = Pair(out var source, out var target, 32 * Length);
        await pair.RunAsync(Token);
        // Nearly every block, so that a sample of 64 must hit one; not the ends, which are read at each opening.
        for (var at = 2 << 20; at < target.Length - (2 << 20); at += BlockSize)
        {
            target[at] ^= 1;
        }

        var failure = await Assert.ThrowsAsync<RsyncFsException>(() => pair.RunAsync(Token));
        Assert.Equal(ErrorId.AuditFailed, failure.Id);
        Assert.Equal(TargetStatus.Diverged, TargetRecord.Load(pair.ReceiverState)!.Status);
        var report = await pair.RunAsync(Token);
        Assert.Equal(Plan.Compare, report.Plan);
        Assert.True(source.AsSpan().SequenceEqual(target), "the target was not mended");
    }

    [Fact]
    public async Task SuccessMeansDurable()
    {
        var scenario = await Scenario.UpdateAsync(new Faults(), isSourceFaulty: false, Token);
        await scenario.Pair().RunAsync(Token);
        scenario.Target.Crash(seed: 1);
        scenario.ReceiverState.Crash(seed: 2);
        Assert.Equal(scenario.After, scenario.Target.Content);
        Assert.Equal(TargetStatus.Consistent, scenario.Record()!.Status);
    }

    [Fact]
    public async Task AFlushThatFailsIsRedoneFromTheJournalAndNeverTakenForDone()
    {
        var scenario = await Scenario.UpdateAsync(new Faults(), isSourceFaulty: false, Token);
        var target = new FlushFailsOnce(scenario.Target.Reopen());
        var pair = scenario.Pair();
        pair.Target = target;
        await pair.RunAsync(Token);
        Assert.Equal(2, target.FlushCount);
        Assert.Equal(TargetStatus.Consistent, scenario.Record()!.Status);
        scenario.Target.Crash(seed: 5);
        Assert.Equal(scenario.After, scenario.Target.DurableContent);
    }

    [Fact]
    public async Task ZerosReplaceWhateverTheTargetHolds()
    {
        var target = new byte[Length + 700];
        new Random(3).NextBytes(target);
        var source = new byte[target.Length];
        source[5 * BlockSize] = 1;
        var pair = new ReplicationPair(
            new MemoryBlockDevice(source, "source"),
            new MemoryBlockDevice(target, "target")
        );
        var report = await pair.RunAsync(Token);
        Assert.True(source.AsSpan().SequenceEqual(target), "garbage shines through the zeros");
        Assert.True(report.ZeroedBytes > Length - BlockSize, "zeros travelled as literal bytes");
    }

    [Fact]
    public async Task AFirstCopyThatWasCutIsComparedWithWhatTheSourceIsNow()
    {
        // Several of the large writes that neighbouring blocks are joined to.
        const int LongLength = 32 * Length;
        var pair = Pair(out var source, out var target, LongLength);
        pair.Wire = wire => CuttingStream.Cut(wire, isSenderCut: true, LongLength / 2);
        await Assert.ThrowsAsync<ConnectionException>(() => pair.RunAsync(Token));
        Assert.Equal(TargetStatus.Initializing, TargetRecord.Load(pair.ReceiverState)!.Status);

        // What was copied already has changed since: a watermark would skip it.
        source[100] ^= 1;
        pair.Wire = wire => wire;
        var report = await pair.RunAsync(Token);
        Assert.Equal(Plan.Compare, report.Plan);
        Assert.Equal(ApplyMode.Direct, report.ApplyMode);
        Assert.True(source.AsSpan().SequenceEqual(target), "the old half of the copy stayed");
        // How much of it had reached the device when the cable was pulled, nobody can say.
        Assert.InRange(report.LiteralBytes, BlockSize, LongLength);
    }

    private static ReplicationPair Pair(out byte[] source, out byte[] target, int length = Length)
    {
        source = new byte[length];
        target = new byte[length];
        new Random(1).NextBytes(source);
        return new ReplicationPair(
            new MemoryBlockDevice(source, "source"),
            new MemoryBlockDevice(target, "target")
        );
    }

    internal static (byte[] First, byte[] Second) PagesWithTheSameShortHash(StrongHash hash)
    {
        // 32 bits: among 200,000 pages some five pairs are to be expected.
        var seen = new Dictionary<uint, int>();
        for (var number = 0; ; number++)
        {
            if (!seen.TryAdd(hash.ComputePageHash(PageOf(number)), number))
            {
                return (PageOf(seen[hash.ComputePageHash(PageOf(number))]), PageOf(number));
            }
        }
    }

    private static byte[] PageOf(int number)
    {
        var page = new byte[4096];
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(2048), number + 1);
        return page;
    }

    private static async Task<long> CallsUntilTheTargetIsWrittenAsync()
    {
        var faults = new Faults();
        var scenario = await Scenario.UpdateAsync(faults, isSourceFaulty: false, Token);
        var before = scenario.Target.Content;
        for (var number = 1L; ; number++)
        {
            faults.StopAt(number);
            try
            {
                await scenario.Pair().RunAsync(Token);
                return number - 1;
            }
            catch (RsyncFsException)
            {
                faults.Restart();
            }

            if (!before.AsSpan().SequenceEqual(scenario.Target.Content))
            {
                return number - 1;
            }
        }
    }

    private sealed class FlushFailsOnce(IBlockDevice inner) : IBlockDevice
    {
        public int FlushCount { get; private set; }

        public string Name => inner.Name;

        public long LengthBytes => inner.LengthBytes;

        public long SectorsWritten => inner.SectorsWritten;

        public void Read(long offsetBytes, Span<byte> buffer) => inner.Read(offsetBytes, buffer);

        public void Write(long offsetBytes, ReadOnlySpan<byte> data) => inner.Write(offsetBytes, data);

        public void Zero(Extent extent) => inner.Zero(extent);

        public void Flush()
        {
            FlushCount++;
            if (FlushCount == 1)
            {
                throw new DeviceException(ErrorId.TargetIo, "flush failed");
            }

            inner.Flush();
        }

        public Extent NextData(long offsetBytes) => inner.NextData(offsetBytes);

        public ChangeEvidence ReadEvidence() => inner.ReadEvidence();

        public void Dispose() => inner.Dispose();
    }
}
