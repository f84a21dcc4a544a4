using RsyncFs.Access;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine;

/// <summary>One sender's session with a receiver, and the means to end it before its time.</summary>
/// <param name="peer">The sender's address.</param>
/// <param name="daemonEnds">Cancelled when the receiver ends.</param>
internal sealed class ServeSession(string peer, CancellationToken daemonEnds) : IDisposable
{
    private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(
        daemonEnds
    );
    private volatile Target? _target;
    private Purpose _purpose;
    private volatile bool _needsInit;
    private volatile string? _node;
    private volatile bool _isTurnedAway;
    private volatile bool _isKept;
    private volatile Connection? _connection;
    private long _connectedAt;

    /// <summary>The sender's address.</summary>
    public string Peer => peer;

    /// <summary>The sender as far as it is known, and what it says of itself.</summary>
    public SessionPeer Who =>
        new(peer)
        {
            Name = Caller.Name,
            Key = Caller.Key,
            Node = _node,
        };

    /// <summary>The target that it has; null before it has one.</summary>
    public Target? Target => _target;

    /// <summary>What it got the target for.</summary>
    public Purpose Purpose => _purpose;

    /// <summary>Cancelled when the session must end.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>Completes when the session has ended and nothing of it is at work. Never fails.</summary>
    public Task Completion { get; set; } = Task.CompletedTask;

    /// <summary>Who the sender is; nobody who may do anything, before that is known.</summary>
    public Caller Caller { get; set; } = Caller.Unknown;

    /// <summary>False if it has a target that its sender has no right to any more.</summary>
    public bool IsAllowed =>
        _target is not { } target
        || (Caller.May(target.Name, _purpose) && (!_needsInit || Caller.MayInit(target.Name)));

    /// <summary>True while its connection is kept for another session: nothing is at work.</summary>
    public bool IsKept => _isKept;

    /// <summary>True if it was ended because it had not said who it is, and others wait.</summary>
    public bool IsTurnedAway => _isTurnedAway;

    /// <summary>Notes that the sender called <paramref name="node"/> got <paramref name="target"/>.</summary>
    public void Got(Target target, Purpose purpose, string node)
    {
        (_node, _purpose, _isKept) = (node, purpose, false);
        _target = target;
    }

    /// <summary>Notes that the sender is done with its target, and that its connection is kept.</summary>
    public void Keep()
    {
        (_target, _needsInit) = (null, false);
        _isKept = true;
    }

    /// <summary>Notes what it goes over.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="begun">When it was made, by the clock of this end.</param>
    public void Goes(Connection connection, long begun)
    {
        _connectedAt = begun;
        _connection = connection;
    }

    /// <summary>What it is at; null before it has a connection, and while that is only kept.</summary>
    public PresentSession? Present(TimeProvider clock) =>
        _connection is { } connection && !_isKept
            ? new PresentSession(
                Who,
                Target?.Name,
                connection.Phase,
                connection.BytesReceived,
                clock.GetElapsedTime(_connectedAt)
            )
            : null;

    /// <summary>Notes that it makes a first copy: its sender needs the right to that, too, until it ends.</summary>
    public void NeedInit() => _needsInit = true;

    /// <summary>The error for a session that was ended because <see cref="IsAllowed"/> became false.</summary>
    public static RefusedException LostRight() =>
        new(ErrorId.AccessDenied, "the sender lost its right, and the session was ended");

    /// <summary>Ends it because others wait; says so by <see cref="IsTurnedAway"/>.</summary>
    public void TurnAway()
    {
        _isTurnedAway = true;
        End();
    }

    /// <summary>Ends it; <see cref="Completion"/> tells when it has.</summary>
    public void End()
    {
        try
        {
            _end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself just now.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _end.Dispose();
}
