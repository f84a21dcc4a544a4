using System.Diagnostics;

namespace RsyncFs.Protocol;

/// <summary>
/// Lets so many bytes a second pass: a token bucket, which holds what <see cref="Burst"/> brings. It only counts; who
/// writes waits. For one caller at a time; the rate may be changed by anybody at any time.
/// </summary>
internal sealed class SendPacer
{
    /// <summary>How long nothing may be sent for the same to be made good afterwards: a writer that wakes late loses nothing.</summary>
    public static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(100);

    // Long enough to sleep through, and four of them to a burst.
    private static readonly TimeSpan PieceTime = TimeSpan.FromMilliseconds(25);

    // Less would be mostly headers of TCP and TLS. At the least rate it takes 63 ms.
    private const int MinPieceBytes = 4096;

    private readonly TimeProvider _clock;
    private long _bytesPerSecond;
    private long _countedAt;
    private double _allowedBytes;

    /// <summary>A pacer that holds nothing back, and, once it does, begins with a whole burst.</summary>
    public SendPacer(TimeProvider clock)
    {
        _clock = clock;
        _countedAt = clock.GetTimestamp();
        _allowedBytes = double.MaxValue;
    }

    /// <summary>The rate; null for none.</summary>
    public long? BytesPerSecond
    {
        get => Interlocked.Read(ref _bytesPerSecond) is var rate and not 0 ? rate : null;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(
                value ?? long.MaxValue,
                ProtocolLimits.MinSendBytesPerSecond,
                nameof(value)
            );
            Interlocked.Exchange(ref _bytesPerSecond, value ?? 0);
        }
    }

    /// <summary>Takes leave to write the next bytes of <paramref name="left"/>.</summary>
    /// <param name="left">Bytes that are to be written, at least one.</param>
    /// <param name="wait">After so long it is worth asking again; zero if there is leave.</param>
    /// <returns>How many may be written now: all, or a piece; 0 if none.</returns>
    public int Take(int left, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        if (BytesPerSecond is not { } rate)
        {
            return left;
        }

        var piece = (int)Math.Min(left, Math.Max(MinPieceBytes, rate * PieceTime.TotalSeconds));
        var now = _clock.GetTimestamp();
        var most = rate * Burst.TotalSeconds;
        Debug.Assert(piece <= most, "a piece that never may be sent");
        var gained = _clock.GetElapsedTime(_countedAt, now).TotalSeconds * rate;
        _countedAt = now;
        _allowedBytes = Math.Min(most, _allowedBytes + gained);
        if (_allowedBytes >= piece)
        {
            _allowedBytes -= piece;
            return piece;
        }

        // Timers count whole milliseconds, and cut off the rest: to wait for less would be not to wait.
        wait = TimeSpan.FromMilliseconds(Math.Ceiling((piece - _allowedBytes) / rate * 1000));
        return 0;
    }
}
