using RsyncFs.Linux.State;
using RsyncFs.Snapshots;
using RsyncFs.Sources;

namespace RsyncFs.Cli.Engine;

/// <summary>
/// The right to work on one source, for the runs of this process that may do so at the same time: they share the lock that
/// keeps others out, what is remembered of the source, and its snapshots. Safe to use from several threads.
/// </summary>
internal sealed class SourceHold
{
    private readonly Lock _gate = new();
    private StateLock? _lock;
    private SourceState? _state;
    private HeldSnapshots? _snapshots;
    private int _userCount;

    /// <summary>Held while the source is opened: what is noted then is noted by one at a time.</summary>
    public Lock Opening { get; } = new();

    /// <summary>Enters; the first takes the lock.</summary>
    /// <exception cref="Errors.RefusedException">Another process holds it, or another hold of this one.</exception>
    /// <exception cref="Errors.StateException">The state can not be read.</exception>
    public Part Enter(LinuxDurableDirectory directory)
    {
        lock (_gate)
        {
            if (_userCount == 0)
            {
                var taken = StateLock.Take(directory.Name);
                try
                {
                    var state = SourceState.Load(directory);
                    (_lock, _state) = (taken, state);
                    _snapshots = new HeldSnapshots(() => state.Base?.Evidence, () => state.KeptSnapshots);
                }
                catch
                {
                    taken.Dispose();
                    throw;
                }
            }

            _userCount++;
            return new Part(this, _state!, _snapshots!);
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_userCount == 0)
            {
                _lock!.Dispose();
                (_lock, _state, _snapshots) = (null, null, null);
            }
        }
    }

    /// <summary>What one of the runs has of it. Disposing it leaves; the last releases the lock.</summary>
    public sealed class Part(SourceHold whole, SourceState state, HeldSnapshots snapshots) : IDisposable
    {
        private bool _isOver;

        /// <summary>What is remembered of the source.</summary>
        public SourceState State => state;

        /// <summary>Its snapshots that are open.</summary>
        public HeldSnapshots Snapshots => snapshots;

        /// <inheritdoc/>
        public void Dispose()
        {
            if (!_isOver)
            {
                _isOver = true;
                whole.Leave();
            }
        }
    }
}
