using System.Runtime.ExceptionServices;
using System.Security.Authentication;
using System.Text;
using RsyncFs.Errors;
using RsyncFs.Protocol.Messages;

namespace RsyncFs.Protocol;

/// <content>What runs by itself: the task that reads, the task that beats, the timer that watches, and how they fail.</content>
public sealed partial class Connection
{
    private bool _hasBegun;
    private bool _hasBye;
    private volatile bool _hasSaidBye;

    private static bool IsBroken(Exception error) =>
        error
            is IOException
                or ObjectDisposedException
                or OperationCanceledException
                or AuthenticationException;

    private async Task ReadAsync()
    {
        var error = new ConnectionException(ErrorId.ConnectionLost, "reading ended by a defect");
        RsyncFsException? problem = error;
        try
        {
            while (await ReadFrameAsync()) { }

            problem = null;
        }
        catch (RsyncFsException failure)
        {
            problem = failure;
        }
        catch (Exception failure) when (IsBroken(failure))
        {
            problem = _isRefusing || _hasBye ? null : Broken(failure);
        }
        finally
        {
            if (problem is not null)
            {
                Failed(problem);
            }

            _inbound.Complete();
            _ended.TrySetResult();
        }
    }

    // False once the session came to its proper end.
    private async Task<bool> ReadFrameAsync()
    {
        if (!await _reader.WaitAsync(Lost))
        {
            return _hasBye || _isRefusing
                ? false
                : throw new ConnectionException(
                    ErrorId.ConnectionLost,
                    "the connection ended before its closing message"
                );
        }

        _liveness.OnFrameBegun();
        var header = ReadHeader(await _reader.ReadHeaderAsync(Lost));
        CheckTurn(header.Type);
        _liveness.OnFrameHeader(header.PayloadLength);
        var isOurs = header.Type is MessageType.Heartbeat or MessageType.Credit or MessageType.Refused;
        if (!isOurs && !_isRefusing)
        {
            _inbound.Admit(header);
        }

        var buffer = RentFor(header);
        var payload = buffer.AsMemory(0, header.PayloadLength);
        await _reader.ReadPayloadAsync(header, payload, Lost);
        var message = isOurs ? MessageCoding.Decode(header.Type, payload, _format) : null;
        _liveness.OnFrameEnded(message);
        switch (message)
        {
            case Credit credit:
                _credit.Add(credit.Bytes);
                break;
            case Refused refused:
                throw Refusal.Read(refused, PeerName);
            case null when !_isRefusing:
                _inbound.Add(new Frame(header.Type, buffer, header.PayloadLength));
                break;
            default:
                break;
        }

        if (header.Type is MessageType.OpenTarget or MessageType.Welcome)
        {
            _liveness.OnOpened();
        }

        _hasBye |= IsLast(header.Type);
        if (header.Type == MessageType.Again && _reader.HasMore)
        {
            // It belongs to a session that nobody has agreed on.
            throw new ProtocolException("bytes behind the closing message");
        }

        // The receiver has the last word; the sender's last is that it closes, or nothing if it comes again.
        return !_hasBye || (_role == ProtocolRole.Receiver && header.Type == MessageType.Bye);
    }

    // Only deltas come in a stream, and only they are given back.
    private byte[] RentFor(FrameHeader header) =>
        header.Type == MessageType.Delta
            ? _buffers.Rent(header.PayloadLength)
            : GC.AllocateUninitializedArray<byte>(header.PayloadLength);

    private FrameHeader ReadHeader(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return FrameHeader.Read(bytes.Span, _format);
        }
        catch (ProtocolException error) when (!_hasBegun)
        {
            throw NotOurs(bytes.Span, error);
        }
    }

    private void CheckTurn(MessageType type)
    {
        var peer = ProtocolRole.Both & ~_role;
        if ((MessageCoding.SenderOf(type) & peer) == ProtocolRole.None)
        {
            throw new ProtocolException($"{type} from a {peer}");
        }

        var isFirst = !_hasBegun;
        _hasBegun = true;
        var canBeFirst = type is MessageType.Hello or MessageType.Welcome;
        if (isFirst != canBeFirst && type != MessageType.Refused)
        {
            throw new ProtocolException(
                isFirst ? $"{type} where the session begins" : $"{type} in the middle of a session"
            );
        }

        if (_hasBye)
        {
            throw new ProtocolException($"{type} behind the closing message");
        }

        if (IsLast(type) && _role == ProtocolRole.Sender && !_hasSaidBye)
        {
            // Nothing is read behind it, nor any deadline looked at: whoever waits for credit would wait for ever.
            throw new ProtocolException("a goodbye that answers none");
        }
    }

    private static bool IsLast(MessageType type) => type is MessageType.Bye or MessageType.Again;

    private static ProtocolException NotOurs(ReadOnlySpan<byte> bytes, ProtocolException error)
    {
        var text = PeerText.Clean(Encoding.ASCII.GetString(bytes), bytes.Length);
        return new ProtocolException(
            $"the peer does not speak the protocol of rsyncfs: it begins with {Convert.ToHexStringLower(bytes)} (\"{text}\")",
            error
        );
    }

    // A task of its own that waits for nothing but the clock and its turn to write (C15).
    private async Task BeatAsync()
    {
        using var timer = new PeriodicTimer(ProtocolLimits.WatchInterval, _clock);
        try
        {
            while (await timer.WaitForNextTickAsync(Lost))
            {
                if (_writer.SinceLastSent < ProtocolLimits.HeartbeatInterval)
                {
                    continue;
                }

                // Whoever waits for credit waits for the peer, whatever else it reports.
                var own = _liveness.Own;
                var beat = _credit.IsWaiting ? own with { Phase = SessionPhase.Idle } : own;
                await _writer.SendAsync(beat, null, false, Lost);
            }
        }
        catch (OperationCanceledException)
        {
            // The session is over.
        }
        catch (Exception error) when (IsBroken(error))
        {
            Failed(Broken(error));
        }
    }

    private void Watch()
    {
        if (!_ended.Task.IsCompleted && _liveness.Check(_credit.IsWaiting) is { } stalled)
        {
            Failed(stalled);
        }
    }

    private ConnectionException Broken(Exception error) =>
        new(ErrorId.ConnectionLost, "the connection broke", error)
        {
            Where = PeerName,
            Cause = error.Message,
        };

    // Ends the session with its first failure, and gives that one.
    private RsyncFsException Failed(RsyncFsException error)
    {
        var located = error switch
        {
            { Where: not null } => error,
            ProtocolException => new ProtocolException(error.Message, error) { Where = PeerName },
            ConnectionException => new ConnectionException(error.Id, error.Message, error)
            {
                Where = PeerName,
            },
            _ => error,
        };
        if (Interlocked.CompareExchange(ref _failure, located, null) is { } earlier)
        {
            return earlier;
        }

        _inbound.Complete();
        _credit.Close();
        _cancelling = _lost.CancelAsync();
        if (!_isHandedOn)
        {
            _stream.Dispose();
        }

        _ended.TrySetResult();
        return located;
    }

    private void ThrowFailure()
    {
        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }
    }
}
