using System.Runtime.InteropServices;

namespace RsyncFs.Cli;

/// <summary>
/// Turns the first SIGINT or SIGTERM into a cancelled token, so that whatever runs can end cleanly. The second does
/// what it always does: the process is gone at once.
/// </summary>
internal sealed class SignalWatch : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;
    private int _received;

    /// <summary>Begins to watch.</summary>
    public SignalWatch()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle);
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>The first signal; null if none came.</summary>
    public PosixSignal? Received =>
        Volatile.Read(ref _received) is var value && value == 0 ? null : (PosixSignal)value;

    /// <summary>Ends watching.</summary>
    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        // The members of PosixSignal are negative numbers; 0 is none of them.
        if (Interlocked.CompareExchange(ref _received, (int)context.Signal, 0) == 0)
        {
            context.Cancel = true;
            _source.Cancel();
        }
    }
}
