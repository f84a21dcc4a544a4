using RsyncFs.Protocol;

namespace RsyncFs.Tests.Laboratory;

/// <summary>
/// A peer that is played by hand: what is fed comes out of reads, what is written is kept, and a test can wait until
/// everything fed was dealt with. Writes can be made to block, as on a line whose other end does not read.
/// </summary>
public sealed class ScriptedStream : AsyncStream
{
    private readonly Lock _lock = new();
    private readonly MemoryStream _written = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _unread = [];
    private bool _isEnded;
    private bool _isReading;
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>True if writes wait for ever.</summary>
    public bool BlocksWrites { get; set; }

    /// <summary>Completes when the stream is disposed.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Everything written so far.</summary>
    public byte[] Written
    {
        get
        {
            lock (_lock)
            {
                return _written.ToArray();
            }
        }
    }

    /// <summary>Lets <paramref name="bytes"/> be read.</summary>
    public void Feed(ReadOnlyMemory<byte> bytes)
    {
        lock (_lock)
        {
            _unread = [.. _unread, .. bytes.Span];
            _isReading = false;
            Changed();
        }
    }

    /// <summary>Lets <paramref name="bytes"/> be read, and waits until the reader comes for more, or closed the stream.</summary>
    public Task FeedAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Feed(bytes);
        return UntilAsync(() => _isReading && _unread.Length == 0, cancellationToken);
    }

    /// <summary>Lets the reader see the end.</summary>
    public void End()
    {
        lock (_lock)
        {
            _isEnded = true;
            Changed();
        }
    }

    /// <summary>Waits until <paramref name="count"/> bytes were written in all.</summary>
    public Task WhenWrittenAsync(int count, CancellationToken cancellationToken) =>
        UntilAsync(() => _written.Length >= count, cancellationToken);

    public override async ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        while (true)
        {
            Task change;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_closed.Task.IsCompleted, this);
                if (_unread.Length > 0 || _isEnded)
                {
                    var count = Math.Min(buffer.Length, _unread.Length);
                    _unread.AsSpan(0, count).CopyTo(buffer.Span);
                    _unread = _unread[count..];
                    return count;
                }

                if (!_isReading)
                {
                    _isReading = true;
                    Changed();
                }

                change = _change.Task;
            }

            await change.WaitAsync(cancellationToken);
        }
    }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        if (BlocksWrites)
        {
            await _closed.Task.WaitAsync(cancellationToken);
        }

        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed.Task.IsCompleted, this);
            _written.Write(buffer.Span);
            Changed();
        }
    }

    protected override void Dispose(bool disposing)
    {
        lock (_lock)
        {
            _closed.TrySetResult();
            Changed();
        }

        base.Dispose(disposing);
    }

    private async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change;
            lock (_lock)
            {
                if (condition() || _closed.Task.IsCompleted)
                {
                    return;
                }

                change = _change.Task;
            }

            await change.WaitAsync(cancellationToken);
        }
    }

    private void Changed()
    {
        _change.TrySetResult();
        _change = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
