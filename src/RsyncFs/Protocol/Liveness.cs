using System.Globalization;
using RsyncFs.Errors;
using RsyncFs.Protocol.Messages;

namespace RsyncFs.Protocol;

/// <summary>
/// Decides whether the peer is alive (C15): any byte is life; a frame that was begun must end in time; a peer that
/// says it works must get somewhere; and the handshake has one deadline. Does nothing itself but keep the times.
/// </summary>
internal sealed class Liveness
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private readonly string _peerName;
    private readonly bool _isInProcess;
    private bool _isOpening = true;
    private bool _isKept;
    private long _begun;
    private long _checked;
    private long _received;
    private long? _frameBegun;
    private int _frameLength;
    private SessionPhase _peerPhase;
    private long _peerProgress;
    private long _peerMoved;
    private SessionPhase _phase;
    private long _progress;
    private long _moved;

    public Liveness(
        TimeProvider clock,
        string peerName,
        bool isInProcess = false,
        long? begunAt = null,
        bool isKept = false
    )
    {
        _isInProcess = isInProcess;
        _isKept = isKept;
        _peerName = peerName;
        _clock = clock;
        _checked = _received = _peerMoved = _moved = clock.GetTimestamp();
        _begun = begunAt ?? _checked;
    }

    /// <summary>What our next heartbeat carries.</summary>
    public Heartbeat Own
    {
        get
        {
            lock (_lock)
            {
                return new Heartbeat(_phase, _progress);
            }
        }
    }

    /// <summary>This end is busy with <paramref name="phase"/> and got to <paramref name="progress"/>.</summary>
    public void Report(SessionPhase phase, long progress)
    {
        lock (_lock)
        {
            if (phase != _phase || progress != _progress)
            {
                _phase = phase;
                _progress = progress;
                _moved = _clock.GetTimestamp();
            }
        }
    }

    /// <summary>Some bytes came.</summary>
    public void OnBytes()
    {
        lock (_lock)
        {
            _received = _clock.GetTimestamp();
            if (_isKept)
            {
                _isKept = false;
                _begun = _peerMoved = _moved = _received;
            }
        }
    }

    /// <summary>The first byte of a frame came.</summary>
    public void OnFrameBegun()
    {
        lock (_lock)
        {
            _frameBegun = _clock.GetTimestamp();
            _frameLength = 0;
        }
    }

    /// <summary>Its header came.</summary>
    public void OnFrameHeader(int payloadLength)
    {
        lock (_lock)
        {
            _frameLength = payloadLength;
        }
    }

    /// <summary>Its last byte came. Any message is progress; a heartbeat only if it says so.</summary>
    public void OnFrameEnded(Message? heartbeat)
    {
        lock (_lock)
        {
            _frameBegun = null;
            if (heartbeat is Heartbeat beat)
            {
                if (beat.Phase == _peerPhase && beat.Progress == _peerProgress)
                {
                    return;
                }

                _peerPhase = beat.Phase;
                _peerProgress = beat.Progress;
            }

            _peerMoved = _clock.GetTimestamp();
        }
    }

    /// <summary>The handshake is over.</summary>
    public void OnOpened()
    {
        lock (_lock)
        {
            _isOpening = false;
        }
    }

    /// <summary>What the peer has to be dropped for, or null.</summary>
    /// <param name="isWaiting">True if this end can not go on before the peer gives it credit, whatever phase it reports.</param>
    public ConnectionException? Check(bool isWaiting)
    {
        lock (_lock)
        {
            var sinceCheck = _clock.GetElapsedTime(_checked);
            _checked = _clock.GetTimestamp();
            if (sinceCheck > ProtocolLimits.OwnSleep)
            {
                // Suspended, stopped or starved: what came meanwhile is still unread, and all peers would be blamed.
                _received = _peerMoved = _moved = _checked;
                _frameBegun = _frameBegun is null ? null : _checked;
                return null;
            }

            if (_isKept)
            {
                return _clock.GetElapsedTime(_begun) > ProtocolLimits.KeptDeadline
                    ? Stalled($"no other session within {Seconds(ProtocolLimits.KeptDeadline)} seconds")
                    : null;
            }

            // Where the peer is this very process a slow machine is no dead line; but a device may hang.
            return _isInProcess
                ? CheckProgress(isWaiting)
                : CheckHandshake() ?? CheckSilence() ?? CheckFrame() ?? CheckProgress(isWaiting);
        }
    }

    private static string Seconds(TimeSpan time) =>
        time.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);

    private ConnectionException Stalled(string message) =>
        new(ErrorId.Stalled, message) { Where = _peerName };

    private ConnectionException? CheckHandshake() =>
        _isOpening && _clock.GetElapsedTime(_begun) > ProtocolLimits.HandshakeDeadline
            ? Stalled(
                $"no handshake within {Seconds(ProtocolLimits.HandshakeDeadline)} seconds of connecting"
            )
            : null;

    private ConnectionException? CheckSilence() =>
        _clock.GetElapsedTime(_received) > ProtocolLimits.SilenceDeadline
            ? Stalled(
                $"nothing was received for {Seconds(_clock.GetElapsedTime(_received))} seconds, a heartbeat is due every {Seconds(ProtocolLimits.HeartbeatInterval)}"
            )
            : null;

    private ConnectionException? CheckFrame()
    {
        if (_frameBegun is not { } begun)
        {
            return null;
        }

        var elapsed = _clock.GetElapsedTime(begun);
        return elapsed > ProtocolLimits.FrameDeadline(_frameLength)
            ? Stalled(
                $"a frame of {_frameLength} bytes did not end within {Seconds(elapsed)} seconds; the least is {ProtocolLimits.MinBytesPerSecond} bytes a second"
            )
            : null;
    }

    private ConnectionException? CheckProgress(bool isWaiting)
    {
        // A peer that waits for us is not to blame while we work; that we get anywhere is the peer's to watch. But where
        // we wait for it, too, nobody works.
        var isOurTurn = _peerPhase == SessionPhase.Idle && _phase != SessionPhase.Idle && !isWaiting;
        if (isOurTurn || _frameBegun is not null)
        {
            return null;
        }

        var elapsed = _clock.GetElapsedTime(
            _peerPhase == SessionPhase.Idle ? Math.Max(_peerMoved, _moved) : _peerMoved
        );
        return elapsed > ProtocolLimits.ProgressDeadline(_peerPhase)
            ? Stalled(
                $"the peer is alive but got nowhere in phase {_peerPhase} for {Seconds(elapsed)} seconds, at {_peerProgress}"
            )
            : null;
    }
}
