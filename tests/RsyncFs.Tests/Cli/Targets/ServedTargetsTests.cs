using RsyncFs.Blocks;
using RsyncFs.Cli.Engine;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Native;
using RsyncFs.Protocol;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Cli.Targets;

/// <summary>How a person gets a target that a sender has, or is about to have.</summary>
public sealed class ServedTargetsTests : IDisposable
{
    private const int Length = 40 * 16384;

    private readonly HurriedClock _clock = new();
    private readonly SimulatedBlockDevice _device = new(Length);
    private readonly ReplicationPair _pair;
    private readonly ServedTargets _served;

    public ServedTargetsTests()
    {
        _pair = new ReplicationPair(new MemoryBlockDevice(new byte[Length], "source"), _device);
        _served = new ServedTargets([], _clock);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _served.Dispose();
        _device.Dispose();
    }

    [Fact(Timeout = 60_000)]
    public async Task ASessionThatDoesNotEndIsWaitedForNoLongerThanTheCallerDoes()
    {
        using var target = _pair.OpenTarget();
        target.Lease();
        var never = new TaskCompletionSource();
        _served.Sessions.Begin(
            new ServeSession("sender", Token),
            session =>
            {
                session.Got(target, Purpose.Replicate, "node");
                return never.Task;
            }
        );
        while (_served.Sessions.Of(target) is null)
        {
            await Task.Yield();
        }

        using var caller = new CancellationTokenSource();
        var lease = _served.LeaseAsync(target, endSession: true, "", caller.Token);
        Assert.False(lease.IsCompleted);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lease);
        never.SetResult();
    }

    /// <summary>Of those that come together, too: each may have found room when it came.</summary>
    [Fact]
    public async Task NoMoreSessionsHaveATargetThanThereMayBe()
    {
        using var target = _pair.OpenTarget();
        var never = new TaskCompletionSource();
        var sessions = Enumerable
            .Range(0, ReceptionLimits.MaxSessionCount + 1)
            .Select(_ => new ServeSession("sender", Token))
            .ToList();
        sessions.ForEach(session => _served.Sessions.Begin(session, _ => never.Task));
        Assert.Equal(
            ReceptionLimits.MaxSessionCount,
            sessions.Count(session => _served.Sessions.TryGot(session, target, Purpose.Replicate, "node"))
        );
        Assert.Equal(ReceptionLimits.MaxSessionCount, _served.Sessions.CountWithTarget);
        never.SetResult();
        await _served.Sessions.WhenAllEnded();
    }

    /// <summary>And a connection that is kept has no target, and is no session that anybody asks about.</summary>
    [Fact]
    public async Task NoMoreConnectionsAreKeptThanThereMayBe()
    {
        using var target = _pair.OpenTarget();
        var never = new TaskCompletionSource();
        var sessions = Enumerable
            .Range(0, ReceptionLimits.MaxKeptCount + 1)
            .Select(_ => new ServeSession("sender", Token))
            .ToList();
        sessions.ForEach(session => _served.Sessions.Begin(session, _ => never.Task));
        Assert.True(_served.Sessions.TryGot(sessions[0], target, Purpose.Replicate, "node"));
        Assert.Equal(ReceptionLimits.MaxKeptCount, sessions.Count(_served.Sessions.TryKeep));
        Assert.Equal(0, _served.Sessions.CountWithTarget);
        Assert.Null(_served.Sessions.Of(target));
        Assert.True(_served.Sessions.TryGot(sessions[0], target, Purpose.Replicate, "node"));
        Assert.False(sessions[0].IsKept);
        Assert.True(_served.Sessions.TryKeep(sessions[^1]), "one has a target again");
        never.SetResult();
        await _served.Sessions.WhenAllEnded();
    }

    /// <summary>The sender's lease applies what an earlier session left: no session has the target yet, and it is not free.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhileALeaseSettlesTheTargetItIsWaitedFor(bool endSession)
    {
        await _pair.RunAsync(Token);
        using var isOpening = new ManualResetEventSlim();
        using var mayOpen = new ManualResetEventSlim();
        var opens = new Queue<Func<IBlockDevice>>([
            _device.Reopen,
            () => throw new DeviceException(ErrorId.TargetInUse, "in use"),
            () =>
            {
                isOpening.Set();
                mayOpen.Wait(Token);
                return _device.Reopen();
            },
        ]);
        var services = new Services(new Lz4Codec(), TimeProvider.System, new SeededRandomNumbers(1));
        using var target = new Target(
            "t",
            () => opens.Dequeue()(),
            _pair.ReceiverState,
            _pair.Policy,
            services
        );
        target.Lease();
        Assert.Throws<DeviceException>(() => target.Resize(force: false));
        target.Release();
        var sender = Task.Run(target.Lease, Token);
        isOpening.Wait(Token);

        var lease = _served.LeaseAsync(target, endSession, "", Token);
        var ended = await Task.WhenAny(lease, _clock.AfterPauses(1_000));
        Assert.NotSame(lease, ended);
        mayOpen.Set();
        await sender;
        target.Release();
        await lease;
        Assert.Equal(TargetStatus.Consistent, target.Record!.Status);
    }

    /// <summary>A clock on which every pause is over at once.</summary>
    private sealed class HurriedClock : TimeProvider
    {
        private readonly TaskCompletionSource _enough = new(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        private int _left = int.MaxValue;

        /// <summary>Completes after so many pauses.</summary>
        public Task AfterPauses(int count)
        {
            Volatile.Write(ref _left, count);
            return _enough.Task;
        }

        /// <inheritdoc/>
        public override ITimer CreateTimer(
            TimerCallback callback,
            object? state,
            TimeSpan dueTime,
            TimeSpan period
        )
        {
            if (Interlocked.Decrement(ref _left) == 0)
            {
                _enough.SetResult();
            }

            return base.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }
}
