using System.Runtime.InteropServices;
using RsyncFs.Cli.Output;

namespace RsyncFs.Cli;

/// <summary>SIGUSR1: whatever is at work says where it is, and goes on. Without this the signal would end the process.</summary>
internal sealed class StatusSignal : IDisposable
{
    // signal(7). What has no name in PosixSignal is said by its number.
    private const PosixSignal User1 = (PosixSignal)10;

    private readonly PosixSignalRegistration _registration;

    /// <summary>Listens until it is disposed of.</summary>
    public StatusSignal(StatusBoard board)
    {
        _registration = PosixSignalRegistration.Create(
            User1,
            signal =>
            {
                signal.Cancel = true;
                board.Tell();
            }
        );
    }

    /// <inheritdoc/>
    public void Dispose() => _registration.Dispose();
}
