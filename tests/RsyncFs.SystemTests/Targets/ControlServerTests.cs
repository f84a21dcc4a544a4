using System.Net;
using RsyncFs.Cli.Engine;
using RsyncFs.Cli.Engine.Control;
using RsyncFs.Cli.Engine.Targets;
using RsyncFs.Cli.Json;
using RsyncFs.Errors;
using RsyncFs.Linux.Sockets;
using RsyncFs.Protocol;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Targets;

/// <summary>A receiver one of whose sessions does not end, and the people who ask it.</summary>
public sealed class ControlServerTests : IAsyncDisposable
{
    private const int Size = 1024 * 1024;

    private readonly TemporaryDirectory _state = new();
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _stuck = new();
    private readonly ControlAcceptor _acceptor;
    private readonly ServedTargets _served;
    private readonly Task _people;

    public ControlServerTests()
    {
        var services = Machine.Services();
        _served = new ServedTargets([Open("db01"), Open("db02")], services.Clock);
        var desk = new TargetDesk(_state.Path, Socket, services, _served);
        _acceptor = ControlAcceptor.Listen(Socket);
        _people = new ControlServer(_acceptor, desk.ExecuteAsync, services.Clock).RunAsync(_end.Token);
    }

    private string Socket => _state.At("control.sock");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _stuck.TrySetResult();
        await _end.CancelAsync();
        await _people;
        _acceptor.Dispose();
        await _served.Sessions.WhenAllEnded();
        _served.Dispose();
        _end.Dispose();
        _state.Dispose();
    }

    [Fact(Timeout = 60_000)]
    public async Task AVerbThatWaitsForOneTargetHoldsUpNoOther()
    {
        await GetStuckAsync();
        using var caller = new CancellationTokenSource();
        var waits = AskAsync(ControlVerb.Promote, "db01", force: true, caller.Token);
        await Poll.UntilAsync(() => _served.Sessions.Of(Target("db01"))!.Token.IsCancellationRequested);
        var adopted = (TargetChangeDocument)await AskAsync(ControlVerb.Adopt, "db02", force: false, Token);
        Assert.Equal("adopted", adopted.Status);
        Assert.False(waits.IsCompleted);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
    }

    [Fact(Timeout = 60_000)]
    public async Task WhoeverHangsUpHoldsNobodyUp()
    {
        await GetStuckAsync();
        using var caller = new CancellationTokenSource();
        var waits = AskAsync(ControlVerb.Promote, "db01", force: true, caller.Token);
        await Poll.UntilAsync(() => _served.Sessions.Of(Target("db01"))!.Token.IsCancellationRequested);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);

        var busy = await Assert.ThrowsAnyAsync<RsyncFsException>(() =>
            AskAsync(ControlVerb.Promote, "db01", force: false, Token)
        );
        Assert.Equal(ErrorId.TargetBusy, busy.Id);
        Assert.NotEqual(Blocks.TargetStatus.Primary, Target("db01").Record?.Status);
    }

    [Fact]
    public void AMoveThatFailsBehindTheRenameIsServedWhereItsFilesAre()
    {
        var (from, to) = (TargetPlace.Of(_state.Path, "db01"), TargetPlace.Of(_state.Path, "web"));
        Assert.Throws<StateException>(() =>
            _served.Rename(
                from,
                to,
                () =>
                {
                    Directory.Move(from.Path, to.Path);
                    throw new StateException(ErrorId.StateIo, "the directory could not be flushed");
                },
                Machine.Services()
            )
        );
        Assert.NotNull(_served.Find("web"));
        Assert.Null(_served.Find("db01"));
        Assert.False(Directory.Exists(from.Path));
    }

    private TargetEnd Open(string name)
    {
        var image = _state.At($"{name}.img");
        using (var file = new FileStream(image, FileMode.CreateNew))
        {
            file.SetLength(Size);
        }

        var place = TargetPlace.Of(_state.Path, name);
        return TargetEnd.Open(name, image, place.Path, TargetPermissions.None, Machine.Services());
    }

    private RsyncFs.Targets.Target Target(string name) => _served.Find(name)!.Target;

    /// <summary>A sender has db01, and its session goes on though it is told to end.</summary>
    private async Task GetStuckAsync()
    {
        await AskAsync(ControlVerb.Adopt, "db01", force: false, Token);
        Target("db01").Lease();
        _served.Sessions.Begin(
            new ServeSession("sender", CancellationToken.None),
            session =>
            {
                session.Got(Target("db01"), Purpose.Replicate, "node");
                return _stuck.Task;
            }
        );
        await Poll.UntilAsync(() => _served.Sessions.Of(Target("db01")) is not null);
    }

    private async Task<ControlDocument> AskAsync(
        ControlVerb verb,
        string target,
        bool force,
        CancellationToken cancellationToken
    ) =>
        await ControlClient.TryAskAsync(
            Socket,
            new ControlRequest
            {
                Verb = verb,
                Target = target,
                Force = force,
            },
            TimeProvider.System,
            cancellationToken
        ) ?? throw new InvalidOperationException("nobody listens");

    private sealed class NoLog : IServeLog
    {
        public void Ready(IPEndPoint address) { }

        public void Ended(SessionPeer peer, SessionReport report) { }

        public void Failed(SessionPeer peer, RsyncFsException error) { }

        public void NotReloaded(RsyncFsException error) { }

        public void Present(IReadOnlyList<PresentSession> sessions) { }

        public void Changed(TargetChangeDocument change) { }
    }
}
