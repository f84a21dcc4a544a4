using System.Runtime.InteropServices;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>SIGUSR2, which ends a process that does not listen for it.</summary>
internal sealed class LimitSignal : IDisposable
{
    // signal(7), for x86 and ARM; the runtime takes the system's own numbers as they are.
    private const PosixSignal User2 = (PosixSignal)12;

    private readonly PosixSignalRegistration _registration;

    /// <summary>Listens until it is disposed of.</summary>
    /// <param name="act">Done at each.</param>
    public LimitSignal(Action act) =>
        _registration = PosixSignalRegistration.Create(
            User2,
            signal =>
            {
                signal.Cancel = true;
                act();
            }
        );

    /// <inheritdoc/>
    public void Dispose() => _registration.Dispose();
}
