using System.IO.Hashing;
using RsyncFs.Blocks;
using RsyncFs.Protocol.Messages;

namespace RsyncFs.Protocol;

/// <summary>
/// Puts frames on a stream, one at a time and each whole. Two turns keep the order: a Delta is coded and waits for
/// credit in the delta turn, so that others pass it; every frame is written in the write turn, in pieces if there is a
/// limit to the bytes of a second.
/// </summary>
internal sealed class FrameWriter : IDisposable
{
    // What is measured is forgotten by halves, so that the rate follows the line.
    private static readonly TimeSpan MeasuredTime = TimeSpan.FromSeconds(10);

    // For less a line may have seemed slow that is not: a processor that was busy elsewhere, a first call.
    private static readonly TimeSpan BelievedTime = TimeSpan.FromMilliseconds(200);

    private readonly Stream _stream;
    private readonly TimeProvider _clock;
    private readonly CreditGate _credit;
    private readonly SendPacer _pacer;
    private readonly SemaphoreSlim _deltaTurn = new(1, 1);
    private readonly SemaphoreSlim _writeTurn = new(1, 1);
    private readonly ByteWriter _deltaFrame = new();
    private readonly ByteWriter _frame = new();
    private readonly XxHash3 _deltaHash = new();
    private readonly XxHash3 _hash = new();
    private long _bytesSent;
    private long _lastSent;
    private double _measuredBytes;
    private TimeSpan _measuredTime;
    private bool _isClosed;
    private volatile bool _isTorn;

    public FrameWriter(Stream stream, TimeProvider clock, CreditGate credit)
    {
        _stream = stream;
        _clock = clock;
        _credit = credit;
        _pacer = new SendPacer(clock);
    }

    /// <summary>How many bytes a second are put on the stream at most; null for as many as it takes.</summary>
    public long? LimitBytesPerSecond
    {
        get => _pacer.BytesPerSecond;
        set => _pacer.BytesPerSecond = value;
    }

    /// <summary>Everything put on the stream so far.</summary>
    public long BytesSent => Interlocked.Read(ref _bytesSent);

    /// <summary>Since the last bytes; zero before the first, so that heartbeats begin behind the handshake.</summary>
    public TimeSpan SinceLastSent =>
        Interlocked.Read(ref _lastSent) is var last and not 0 ? _clock.GetElapsedTime(last) : TimeSpan.Zero;

    /// <summary>True from the first byte of a frame to its last, and for good if the last was never written.</summary>
    public bool IsTorn => _isTorn;

    /// <summary>What the line takes, measured over the last Delta frames; 0 before the first.</summary>
    public double BytesPerSecond { get; private set; }

    /// <summary>The same; 0 until it was measured for long enough.</summary>
    public double BelievedBytesPerSecond => _measuredTime < BelievedTime ? 0 : BytesPerSecond;

    /// <summary>Sends a Delta as soon as there is credit for it and those before it are sent.</summary>
    public async ValueTask SendDeltaAsync(
        DeltaBatch delta,
        SessionFormat? format,
        CancellationToken cancellationToken
    )
    {
        await _deltaTurn.WaitAsync(cancellationToken);
        try
        {
            MessageCoding.Encode(delta, format, _deltaFrame, _deltaHash);
            await _credit.TakeAsync(_deltaFrame.Length - FrameHeader.LengthBytes, cancellationToken);
            await _writeTurn.WaitAsync(cancellationToken);
            try
            {
                var start = _clock.GetTimestamp();
                await WriteAsync(_deltaFrame, cancellationToken);
                Measure(_deltaFrame.Length, _clock.GetElapsedTime(start));
            }
            finally
            {
                _writeTurn.Release();
            }
        }
        finally
        {
            _deltaTurn.Release();
        }
    }

    /// <summary>Sends any other message. Nothing may be sent behind one that <paramref name="isLast"/>.</summary>
    public async ValueTask SendAsync(
        Message message,
        SessionFormat? format,
        bool isLast,
        CancellationToken cancellationToken
    )
    {
        await _writeTurn.WaitAsync(cancellationToken);
        try
        {
            if (_isClosed && message is Heartbeat)
            {
                return;
            }

            MessageCoding.Encode(message, format, _frame, _hash);
            await WriteAsync(_frame, cancellationToken);
            _isClosed |= isLast;
        }
        finally
        {
            _writeTurn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _deltaTurn.Dispose();
        _writeTurn.Dispose();
    }

    private async ValueTask WriteAsync(ByteWriter frame, CancellationToken cancellationToken)
    {
        if (_isClosed)
        {
            throw new InvalidOperationException("a message behind the closing one");
        }

        if (_isTorn)
        {
            throw new IOException("the frame before was not written to its end");
        }

        var left = frame.WrittenMemory;
        while (!left.IsEmpty)
        {
            var piece = left[..await TakeLeaveAsync(left.Length, cancellationToken)];
            _isTorn = true;
            await _stream.WriteAsync(piece, cancellationToken);
            await _stream.FlushAsync(cancellationToken);
            Interlocked.Add(ref _bytesSent, piece.Length);
            Interlocked.Exchange(ref _lastSent, _clock.GetTimestamp());
            left = left[piece.Length..];
        }

        _isTorn = false;
    }

    private async ValueTask<int> TakeLeaveAsync(int left, CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _pacer.Take(left, out var wait);
            if (length > 0)
            {
                return length;
            }

            await Task.Delay(wait, _clock, cancellationToken);
        }
    }

    private void Measure(int bytes, TimeSpan time)
    {
        _measuredBytes += bytes;
        _measuredTime += time;
        BytesPerSecond = _measuredBytes / Math.Max(_measuredTime.TotalSeconds, 1e-6);
        if (_measuredTime > MeasuredTime)
        {
            _measuredBytes /= 2;
            _measuredTime /= 2;
        }
    }
}
