using RsyncFs.Protocol;

namespace RsyncFs.Fuzz.Sessions;

/// <summary>
/// A peer that says what is in a script, each frame when its turn has come, and then closes, or says nothing more. What
/// is said to it is counted and forgotten. Whoever reads goes on, on the thread of <see cref="Feed"/>, when there is
/// something.
/// </summary>
/// <param name="frames">The script.</param>
/// <param name="staysOpen">True if it does not close at its end.</param>
internal sealed class ScriptedStream(IReadOnlyList<ScriptedFrame> frames, bool staysOpen = false)
    : AsyncStream
{
    private readonly Lock _lock = new();
    private int _next;
    private int _taken;
    private Memory<byte> _buffer;
    private TaskCompletionSource<int>? _waiting;
    private bool _isClosed;
    private volatile int _sentCount;

    /// <summary>Called when something happened that may matter to whoever feeds.</summary>
    public Action Changed { get; set; } = () => { };

    /// <summary>True while somebody waits for more.</summary>
    public bool IsAwaited
    {
        get
        {
            lock (_lock)
            {
                return _waiting is not null;
            }
        }
    }

    /// <summary>True if it says nothing more, and does not close.</summary>
    public bool IsSilent => staysOpen && _next >= frames.Count;

    /// <summary>True if the turn of the next frame has come, or only the end is left.</summary>
    public bool IsDue => _next >= frames.Count ? !staysOpen : _sentCount >= frames[_next].After;

    /// <summary>Gives whoever waits the next frame, or the end.</summary>
    public void Feed()
    {
        TaskCompletionSource<int>? waiting;
        int count;
        lock (_lock)
        {
            waiting = _waiting;
            _waiting = null;
            count = waiting is null ? 0 : Take(_buffer.Span);
        }

        waiting?.TrySetResult(count);
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        TaskCompletionSource<int> waiting;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            // The rest of a frame is there already.
            if (_taken > 0)
            {
                return new(Take(buffer.Span));
            }

            _buffer = buffer;
            waiting = _waiting = new TaskCompletionSource<int>();
        }

        // Outside the lock: whoever is told looks here.
        Changed();
        return new(waiting.Task);
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        Interlocked.Increment(ref _sentCount);
        Changed();
        return default;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        TaskCompletionSource<int>? waiting;
        lock (_lock)
        {
            _isClosed = true;
            waiting = _waiting;
            _waiting = null;
        }

        waiting?.TrySetException(new ObjectDisposedException(nameof(ScriptedStream)));
        Changed();
        base.Dispose(disposing);
    }

    private int Take(Span<byte> buffer)
    {
        if (_next == frames.Count)
        {
            return 0;
        }

        var left = frames[_next].Bytes.AsSpan(_taken);
        var count = Math.Min(left.Length, buffer.Length);
        left[..count].CopyTo(buffer);
        _taken += count;
        if (_taken == frames[_next].Bytes.Length)
        {
            (_taken, _next) = (0, _next + 1);
        }

        return count;
    }
}
