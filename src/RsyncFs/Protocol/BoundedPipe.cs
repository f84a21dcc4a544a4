namespace RsyncFs.Protocol;

/// <summary>Bytes from one writer to one reader, through a ring of fixed size. A full ring makes the writer wait, an empty one the reader.</summary>
internal sealed class BoundedPipe
{
    private readonly Lock _lock = new();
    private readonly byte[] _ring;
    private int _start;
    private int _count;
    private bool _isWriterClosed;
    private bool _isReaderClosed;
    private TaskCompletionSource? _change;

    public BoundedPipe(int capacity)
    {
        _ring = new byte[capacity];
    }

    /// <summary>Waits for bytes, and takes what is there. 0 once the writer closed and everything was taken.</summary>
    /// <exception cref="ObjectDisposedException">The reader is closed.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isReaderClosed, this);
                if (_count > 0 || _isWriterClosed || buffer.IsEmpty)
                {
                    return Take(buffer.Span);
                }

                change = Change();
            }

            await change.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Writes everything, waiting for room.</summary>
    /// <exception cref="IOException">The reader is closed. What was not taken is lost.</exception>
    /// <exception cref="ObjectDisposedException">The writer is closed.</exception>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            Task change;
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_isWriterClosed, this);
                if (_isReaderClosed)
                {
                    throw new IOException("the other end is closed");
                }

                bytes = bytes[Put(bytes.Span)..];
                change = bytes.IsEmpty ? Task.CompletedTask : Change();
            }

            await change.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The reader gets what is there, then the end.</summary>
    public void CloseWriter()
    {
        lock (_lock)
        {
            _isWriterClosed = true;
            Changed();
        }
    }

    /// <summary>The writer fails from here on.</summary>
    public void CloseReader()
    {
        lock (_lock)
        {
            _isReaderClosed = true;
            Changed();
        }
    }

    private int Take(Span<byte> buffer)
    {
        var taken = Math.Min(buffer.Length, _count);
        var first = Math.Min(taken, _ring.Length - _start);
        _ring.AsSpan(_start, first).CopyTo(buffer);
        _ring.AsSpan(0, taken - first).CopyTo(buffer[first..]);
        _start = (_start + taken) % _ring.Length;
        _count -= taken;
        Changed();
        return taken;
    }

    private int Put(ReadOnlySpan<byte> bytes)
    {
        var put = Math.Min(bytes.Length, _ring.Length - _count);
        var end = (_start + _count) % _ring.Length;
        var first = Math.Min(put, _ring.Length - end);
        bytes[..first].CopyTo(_ring.AsSpan(end));
        bytes[first..put].CopyTo(_ring);
        _count += put;
        Changed();
        return put;
    }

    // Reader and writer never wait at once: the ring would have to be empty and full.
    private Task Change()
    {
        _change ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _change.Task;
    }

    private void Changed()
    {
        _change?.TrySetResult();
        _change = null;
    }
}
