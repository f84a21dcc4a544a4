using RsyncFs.Errors;

namespace RsyncFs.Protocol;

/// <summary>
/// The bytes of Delta payload that the receiver has room for. Delta frames pass one after the other, in the order
/// of the calls, so that a small record can not overtake a large one that waits (C14).
/// </summary>
internal sealed class CreditGate
{
    private readonly Lock _lock = new();
    private long _available;
    private long _wanted;
    private bool _isClosed;
    private TaskCompletionSource? _waiter;

    /// <summary>True while a frame waits for the receiver to make room.</summary>
    public bool IsWaiting
    {
        get
        {
            lock (_lock)
            {
                return _waiter is not null;
            }
        }
    }

    /// <summary>The receiver has room for more.</summary>
    /// <exception cref="ProtocolException">It lost count.</exception>
    public void Add(long bytes)
    {
        TaskCompletionSource? waiter = null;
        lock (_lock)
        {
            if (bytes > ProtocolLimits.CreditBytes - _available)
            {
                throw new ProtocolException(
                    $"a credit of {bytes} bytes on top of {_available} that were not used"
                );
            }

            _available += bytes;
            if (_waiter is not null && _available >= _wanted)
            {
                waiter = _waiter;
                _waiter = null;
            }
        }

        waiter?.TrySetResult();
    }

    /// <summary>Waits until there is room for <paramref name="bytes"/>, and takes it. One caller at a time.</summary>
    public async ValueTask TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        while (Wait(bytes) is { } waiter)
        {
            await using var registration = cancellationToken.UnsafeRegister(
                state => Cancel((TaskCompletionSource)state!, cancellationToken),
                waiter
            );
            await waiter.Task;
        }
    }

    /// <summary>Ends every wait, now and later, with <see cref="OperationCanceledException"/>.</summary>
    public void Close()
    {
        TaskCompletionSource? waiter;
        lock (_lock)
        {
            _isClosed = true;
            waiter = _waiter;
            _waiter = null;
        }

        waiter?.TrySetCanceled(CancellationToken.None);
    }

    private TaskCompletionSource? Wait(long bytes)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                throw new OperationCanceledException("the session is over");
            }

            if (_available >= bytes)
            {
                _available -= bytes;
                return null;
            }

            _wanted = bytes;
            _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _waiter;
        }
    }

    private void Cancel(TaskCompletionSource waiter, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _waiter = null;
        }

        waiter.TrySetCanceled(cancellationToken);
    }
}
