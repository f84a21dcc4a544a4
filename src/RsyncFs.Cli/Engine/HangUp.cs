using System.Runtime.InteropServices;

namespace RsyncFs.Cli.Engine;

/// <summary>
/// SIGHUP, which ends a process that does not listen for it. A receiver listens from its begin, though there is nothing
/// to be read again before its targets are open: one that comes until then counts when it is ready.
/// </summary>
internal sealed class HangUp : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PosixSignalRegistration _registration;
    private Action? _act;
    private bool _hasCome;

    /// <summary>Listens until it is disposed of.</summary>
    public HangUp()
    {
        _registration = PosixSignalRegistration.Create(
            PosixSignal.SIGHUP,
            signal =>
            {
                signal.Cancel = true;
                Come();
            }
        );
    }

    /// <summary>Says what is done at each; at once, if one has come already.</summary>
    public void Then(Action act)
    {
        lock (_gate)
        {
            _act = act;
            if (!_hasCome)
            {
                return;
            }
        }

        act();
    }

    /// <inheritdoc/>
    public void Dispose() => _registration.Dispose();

    private void Come()
    {
        Action? act;
        lock (_gate)
        {
            (act, _hasCome) = (_act, true);
        }

        act?.Invoke();
    }
}
