using RsyncFs.Errors;
using RsyncFs.Protocol.Messages;

namespace RsyncFs.Protocol;

/// <summary>
/// One end of a session: messages over a stream. Always reads, whether anybody waits for a message or not, into a
/// queue whose bounds the peer knows; writes one frame at a time; says that it is alive, and drops a peer that is
/// not. Sending and receiving may go on at once, and several may send; one at a time may receive.
/// </summary>
/// <remarks>
/// The first failure ends the session: <see cref="Lost"/> is cancelled, the stream is closed, and every call under
/// way or to come throws that failure, receiving after the messages that came before it.
/// </remarks>
public sealed partial class Connection : IAsyncDisposable
{
    private readonly Stream _stream;
    private readonly TimeProvider _clock;
    private readonly ProtocolRole _role;
    private readonly CancellationTokenSource _lost = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Liveness _liveness;
    private readonly CreditGate _credit = new();
    private readonly OutstandingQueries _queries = new();
    private readonly InboundQueue _inbound;
    private readonly PayloadBuffers _buffers = new();
    private readonly FrameReader _reader;
    private readonly FrameWriter _writer;
    private readonly ITimer _watch;
    private readonly Task _reading;
    private readonly Task _beating;
    private volatile SessionFormat? _format;
    private volatile bool _isRefusing;
    private bool _isHandedOn;
    private RsyncFsException? _failure;
    private Task _cancelling = Task.CompletedTask;

    /// <summary>Begins a session, and to read. Owns <paramref name="stream"/> from here on.</summary>
    /// <param name="stream">Reads and writes; both may go on at once.</param>
    /// <param name="clock">Gives the time for deadlines and heartbeats.</param>
    /// <param name="peerName">The peer's address, for errors and logs.</param>
    /// <param name="role">Which end this is: sender or receiver.</param>
    /// <param name="isInProcess">True if the peer is in this process: no line can be dead, and only the deadlines of progress count.</param>
    /// <param name="begunAt">When the connection was made, by <paramref name="clock"/>: the handshake's deadline counts from there. Default: now.</param>
    /// <param name="isKept">True if the stream has had a session before: the next may be long in coming.</param>
    public Connection(
        Stream stream,
        TimeProvider clock,
        string peerName,
        ProtocolRole role,
        bool isInProcess = false,
        long? begunAt = null,
        bool isKept = false
    )
    {
        if (role is not (ProtocolRole.Sender or ProtocolRole.Receiver))
        {
            throw new ArgumentOutOfRangeException(nameof(role), role, "a connection has one role");
        }

        _stream = stream;
        _clock = clock;
        _role = role;
        PeerName = peerName;
        Lost = _lost.Token;
        _liveness = new Liveness(clock, peerName, isInProcess, begunAt, isKept);
        _inbound = new InboundQueue(_queries);
        _reader = new FrameReader(stream) { OnBytes = _liveness.OnBytes };
        _writer = new FrameWriter(stream, clock, _credit);
        _watch = clock.CreateTimer(
            _ => Watch(),
            null,
            ProtocolLimits.WatchInterval,
            ProtocolLimits.WatchInterval
        );
        _reading = Task.Run(ReadAsync, CancellationToken.None);
        _beating = BeatAsync();
    }

    /// <summary>The peer's address, for errors and logs.</summary>
    public string PeerName { get; }

    /// <summary>Bytes put on the stream, headers and all.</summary>
    public long BytesSent => _writer.BytesSent;

    /// <summary>Bytes taken from the stream, headers and all.</summary>
    public long BytesReceived => _reader.BytesReceived;

    /// <summary>What the line takes, measured over the last Delta messages; 0 before the first. For <see cref="DeltaBatcher.Adapt"/>.</summary>
    public double SentBytesPerSecond => _writer.BytesPerSecond;

    /// <summary>As <see cref="SentBytesPerSecond"/>, but 0 until it was measured for long enough to be believed: what a socket's buffer takes at once says nothing of the line.</summary>
    public double MeasuredBytesPerSecond => _writer.BelievedBytesPerSecond;

    /// <summary>
    /// How many bytes a second are put on the stream at most, all frames together and before anything encrypts them;
    /// null, to begin with, for as many as it takes. May be changed while a frame is sent: each piece of it asks anew.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than <see cref="ProtocolLimits.MinSendBytesPerSecond"/>: the peer would take this end for stalled.</exception>
    public long? SendLimitBytesPerSecond
    {
        get => _writer.LimitBytesPerSecond;
        set => _writer.LimitBytesPerSecond = value;
    }

    /// <summary>True for a sender that wants to come again over the same stream, if the receiver keeps it.</summary>
    public bool WantsAgain { get; set; }

    /// <summary>True if both ends said that the stream stays: <see cref="BeginAgainAsync"/>.</summary>
    public bool IsKept { get; private set; }

    /// <summary>What this end is busy with, as it last said.</summary>
    public SessionPhase Phase => _liveness.Own.Phase;

    /// <summary>Bytes of Delta payload that the peer may still send: what was granted and has not come.</summary>
    public long CreditBytes => _inbound.CreditBytes;

    /// <summary>Cancelled when the session is dead or disposed: work on devices is tied to it.</summary>
    public CancellationToken Lost { get; }

    /// <summary>
    /// Says how blocks and digests look from here on. To be called by the receiver before it sends the target's
    /// state, and by the sender when it got it: messages that need it are refused before.
    /// </summary>
    public void UseFormat(SessionFormat format) => _format = format;

    /// <summary>
    /// Says what this end is busy with; heartbeats carry it. <paramref name="progress"/> is any number that changes
    /// while it gets anywhere. Whoever waits for the other end must say <see cref="SessionPhase.Idle"/>: the phases
    /// that work have deadlines for making no progress. Waiting for credit is said by the connection itself.
    /// </summary>
    public void Report(SessionPhase phase, long progress) => _liveness.Report(phase, progress);

    /// <summary>
    /// Sends a message. A Delta waits until the receiver has room for it, and goes in the order of the calls; others
    /// pass it. The message may be forgotten, and the memory it points to reused, when this returns.
    /// </summary>
    /// <exception cref="RsyncFsException">The session is dead, for this reason. How much of the message went is not known.</exception>
    /// <exception cref="ArgumentException">The message breaks a limit, comes from the wrong end, or is a query while <see cref="ProtocolLimits.OutstandingQueryCount"/> are not answered: a defect of this end. Nothing was sent.</exception>
    /// <exception cref="OperationCanceledException">Cancelled. If the message was partly sent, the session is dead.</exception>
    public ValueTask SendAsync(Message message, CancellationToken cancellationToken) =>
        SendAsync(message, false, cancellationToken);

    /// <summary>The next message that is not a heartbeat or credit, in the order in which they were sent.</summary>
    /// <exception cref="ConnectionException">The connection was cut, or the peer is dead or stuck.</exception>
    /// <exception cref="ProtocolException">The peer broke the protocol.</exception>
    /// <exception cref="RefusedException">The peer refused.</exception>
    public async ValueTask<Message> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (await _inbound.TakeAsync(cancellationToken) is not { } frame)
        {
            ThrowFailure();
            throw new InvalidOperationException("nothing comes behind the closing message");
        }

        try
        {
            var format = _format;
            var message = MessageCoding.Decode(frame.Type, frame.Payload, format);
            _queries.Match(message, format);
            return message is DeltaBatch delta
                ? delta with
                {
                    PayloadLength = frame.PayloadLength,
                    Buffer = frame.Buffer,
                }
                : message;
        }
        catch (ProtocolException error)
        {
            throw Failed(error);
        }
    }

    /// <summary>Throws what ended the session, if something did: for work that <see cref="Lost"/> has cancelled.</summary>
    /// <exception cref="RsyncFsException">The session is dead, for this reason.</exception>
    public void ThrowIfLost() => ThrowFailure();

    /// <summary>
    /// Tells the sender that it may send <paramref name="bytes"/> more of Delta payload: once
    /// <see cref="ProtocolLimits.InitialCreditBytes"/>, then, by <see cref="GrantAgainAsync"/>, the payload of each
    /// Delta that was dealt with.
    /// </summary>
    /// <exception cref="RsyncFsException">The session is dead, for this reason.</exception>
    public ValueTask GrantAsync(long bytes, CancellationToken cancellationToken)
    {
        // Before it is said: the bytes may come before this call returns.
        _inbound.Grant(bytes);
        return SendAsync(new Credit(bytes), cancellationToken);
    }

    /// <summary>
    /// Says that <paramref name="delta"/> was dealt with: as much may be sent again, and the memory that its records
    /// point to is used for what comes. They must not be looked at any more.
    /// </summary>
    /// <exception cref="RsyncFsException">The session is dead, for this reason.</exception>
    public ValueTask GrantAgainAsync(DeltaBatch delta, CancellationToken cancellationToken)
    {
        if (delta.Buffer is { } buffer)
        {
            _buffers.Return(buffer);
        }

        return GrantAsync(delta.PayloadLength, cancellationToken);
    }

    /// <summary>Ends the session from the sender's side: says goodbye, and gives the receiver's answer.</summary>
    /// <exception cref="RsyncFsException">The answer did not come, or was something else. What was acknowledged before stays so.</exception>
    public async ValueTask<Bye> SayByeAsync(CancellationToken cancellationToken)
    {
        var answer = await CloseAsync(new Bye(0), cancellationToken);
        return answer as Bye ?? throw Failed(new ProtocolException($"{answer.Type} where Bye belongs"));
    }

    /// <summary>Ends the session from the sender's side, and asks that the stream stay; <see cref="IsKept"/> says whether it does.</summary>
    /// <returns>The bytes that the receiver read from the target.</returns>
    /// <exception cref="RsyncFsException">As <see cref="SayByeAsync"/>.</exception>
    public async ValueTask<long> SayAgainAsync(CancellationToken cancellationToken)
    {
        switch (await CloseAsync(new Again(0), cancellationToken))
        {
            case Again again:
                IsKept = true;
                return again.BytesRead;
            case Bye bye:
                return bye.BytesRead;
            case var other:
                throw Failed(new ProtocolException($"{other.Type} where Again or Bye belongs"));
        }
    }

    private async ValueTask<Message> CloseAsync(Message last, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(ProtocolLimits.ByeDeadline, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            _hasSaidBye = true;
            await SendAsync(last, true, either.Token);
            return await ReceiveAsync(either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            var seconds = ProtocolLimits.ByeDeadline.TotalSeconds;
            throw Failed(
                new ConnectionException(ErrorId.Stalled, $"no closing message within {seconds} seconds")
            );
        }
    }

    /// <summary>Ends the session from the receiver's side: answers the sender's goodbye, and waits a moment for it to close.</summary>
    /// <exception cref="RsyncFsException">The answer could not be sent. Nothing is lost by it.</exception>
    public async ValueTask AnswerByeAsync(Bye answer, CancellationToken cancellationToken)
    {
        await SendAsync(answer, true, cancellationToken);
        await WaitForEndAsync(ProtocolLimits.ByeDeadline, cancellationToken);
    }

    /// <summary>Ends the session from the receiver's side, as the sender asked: the stream stays.</summary>
    /// <exception cref="RsyncFsException">The answer could not be sent. Nothing is lost by it.</exception>
    public async ValueTask AnswerAgainAsync(Again answer, CancellationToken cancellationToken)
    {
        await SendAsync(answer, true, cancellationToken);
        IsKept = true;
    }

    /// <summary>Another session over the stream of this one, which is over, with nothing of it left. The new one owns the stream.</summary>
    /// <exception cref="InvalidOperationException">The stream is not kept, or was closed.</exception>
    public async Task<Connection> BeginAgainAsync()
    {
        if (!IsKept || _failure is not null)
        {
            throw new InvalidOperationException("there is no stream for another session");
        }

        _isHandedOn = true;
        await DisposeAsync();
        return new Connection(_stream, _clock, PeerName, _role, isKept: _role == ProtocolRole.Receiver);
    }

    /// <summary>Closes the stream, and waits until nothing of this runs any more. Without goodbyes before, the peer sees a cut.</summary>
    public async ValueTask DisposeAsync()
    {
        Failed(new ConnectionException(ErrorId.ConnectionLost, "the session was closed by this end"));
        await _watch.DisposeAsync();
        await _reading;
        await _beating;
        await _cancelling;
        if (!_isHandedOn)
        {
            await _stream.DisposeAsync();
        }

        _writer.Dispose();
        _lost.Dispose();
    }

    /// <summary>Sends a refusal and reads on for a moment, so that it is not lost in a reset connection.</summary>
    internal async ValueTask RefuseAsync(Refused refusal, CancellationToken cancellationToken)
    {
        _isRefusing = true;
        await SendAsync(refusal, true, cancellationToken);
        await WaitForEndAsync(ProtocolLimits.RefusalLinger, cancellationToken);
    }

    private async ValueTask WaitForEndAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        try
        {
            await _ended.Task.WaitAsync(time, _clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The peer has what it needs; that it does not close is its own affair.
        }
    }

    private async ValueTask SendAsync(Message message, bool isLast, CancellationToken cancellationToken)
    {
        ThrowFailure();
        if ((MessageCoding.SenderOf(message.Type) & _role) == ProtocolRole.None)
        {
            throw new ArgumentException($"a {_role} does not send {message.Type}", nameof(message));
        }

        _queries.Ask(message, _format);
        try
        {
            var sending = message is DeltaBatch delta
                ? _writer.SendDeltaAsync(delta, _format, cancellationToken)
                : _writer.SendAsync(message, _format, isLast, cancellationToken);
            await sending;
        }
        catch (OperationCanceledException) when (_failure is not null)
        {
            ThrowFailure();
        }
        catch (OperationCanceledException) when (_writer.IsTorn)
        {
            Failed(
                new ConnectionException(
                    ErrorId.ConnectionLost,
                    $"sending {message.Type} was given up half way"
                )
            );
            throw;
        }
        catch (Exception error) when (error is not OperationCanceledException && IsBroken(error))
        {
            throw Failed(Broken(error));
        }
    }
}
