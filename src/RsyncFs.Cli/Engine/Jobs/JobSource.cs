using RsyncFs.Cli.Output;
using RsyncFs.Devices;
using RsyncFs.Snapshots;
using RsyncFs.Sources;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>
/// The source of a job for the cycles of its destinations that begin together: the first opens it, the last closes it, and
/// they share one snapshot. Safe to use from several threads.
/// </summary>
/// <param name="destinationCount">How many cycles begin together.</param>
/// <param name="hasOthers">True if the job has several destinations, though they may not all have this cycle.</param>
/// <param name="open">Opens the source; what a person should look at goes to the output.</param>
/// <param name="newId">Makes a generation's id.</param>
internal sealed class JobSource(
    int destinationCount,
    bool hasOthers,
    Func<IRunOutput, SourceEnd> open,
    Func<Guid> newId
)
{
    // As long as receivers nearby take to answer. Who comes later has missed what was read until then, and no more.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private SourceEnd? _opened;
    private SharedSource? _shared;
    private int _userCount;
    private bool _isLeftBehind;
    private int _toCome = destinationCount;

    /// <summary>The source for one of the cycles.</summary>
    /// <param name="output">Told what a person should look at.</param>
    /// <param name="beforeLeaving">Done when the cycle ends, while the source is still held.</param>
    /// <exception cref="Errors.RsyncFsException">As <see cref="SourceEnd.Open"/>. The next that comes tries for itself.</exception>
    public ISourceEnd Join(IRunOutput output, Action<SourceState> beforeLeaving)
    {
        lock (_gate)
        {
            if (_opened is null)
            {
                _opened = open(output);
                _shared = hasOthers ? new SharedSource(_opened.Snapshots, _toCome, Patience, newId) : null;
                LeaveBehindIfSo();
                // Whoever opens it again after all have left comes alone.
                _toCome = 1;
            }

            _userCount++;
            return new Part(this, _opened, _shared ?? _opened.Snapshots, beforeLeaving);
        }
    }

    /// <summary>Says that other cycles of the job go on, though not all of these have ended.</summary>
    public void LeaveBehind()
    {
        lock (_gate)
        {
            _isLeftBehind = true;
            LeaveBehindIfSo();
        }
    }

    private void LeaveBehindIfSo()
    {
        if (_isLeftBehind)
        {
            _shared?.LeaveBehind();
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            _shared?.Leave();
            if (--_userCount > 0)
            {
                return;
            }

            var (opened, shared) = (_opened!, _shared);
            (_opened, _shared) = (null, null);
            using (opened)
            {
                shared?.Dispose();
            }
        }
    }

    private sealed class Part(
        JobSource whole,
        SourceEnd end,
        ISnapshotProvider snapshots,
        Action<SourceState> beforeLeaving
    ) : ISourceEnd
    {
        private bool _isOver;

        public IBlockDevice Device => end.Device;

        public ISnapshotProvider Snapshots => snapshots;

        public SourceState State => end.State;

        public void Dispose()
        {
            if (!_isOver)
            {
                _isOver = true;
                try
                {
                    beforeLeaving(end.State);
                }
                finally
                {
                    whole.Leave();
                }
            }
        }
    }
}
