using RsyncFs.Blocks;
using RsyncFs.Protocol;

namespace RsyncFs;

/// <summary>
/// The frame around a sender's work: one token that ends it when a person or the connection does, the time of each
/// part, and where it is, told to the peer and to whoever watches.
/// </summary>
internal sealed class SenderSession : IDisposable
{
    private readonly Connection _connection;
    private readonly TimeProvider _clock;
    private readonly IProgress<CycleProgress>? _progress;
    private readonly CancellationToken _wanted;
    private readonly CancellationTokenSource _either;
    private readonly List<PhaseTime> _phases = [];
    private readonly long _started;
    private string? _phase;
    private long _phaseStarted;
    private long _totalBytes;

    public SenderSession(
        Connection connection,
        TimeProvider clock,
        IProgress<CycleProgress>? progress,
        RunBudget? budget,
        CancellationToken cancellationToken
    )
    {
        _connection = connection;
        Budget = new CycleBudget(budget, connection);
        _clock = clock;
        _progress = progress;
        _wanted = cancellationToken;
        _either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, connection.Lost);
        _started = clock.GetTimestamp();
    }

    /// <summary>What the session may take before it is ended in good order.</summary>
    public CycleBudget Budget { get; }

    /// <summary>True if the session has to end because its time is over, and nobody else ended it.</summary>
    public bool IsTimeOver => Budget.IsTimeOver && !_wanted.IsCancellationRequested;

    /// <summary>Since the session began.</summary>
    public TimeSpan Elapsed => _clock.GetElapsedTime(_started);

    /// <summary>Bytes found changed so far, for whoever watches.</summary>
    public long ChangedBytes { get; set; }

    /// <summary>What is compressed by, for whoever watches.</summary>
    public CompressionChoice? Compression { get; set; }

    /// <summary>Everything put on the connection so far.</summary>
    public long BytesSent => _connection.BytesSent;

    /// <summary>Everything taken from the connection so far.</summary>
    public long BytesReceived => _connection.BytesReceived;

    /// <summary>How long each part took, in order.</summary>
    public IReadOnlyList<PhaseTime> Phases
    {
        get
        {
            ClosePhase();
            return _phases;
        }
    }

    /// <summary>Begins a part of the work that is about <paramref name="totalBytes"/> of the device.</summary>
    public void Enter(string phase, long totalBytes = 0)
    {
        ClosePhase();
        _phase = phase;
        _phaseStarted = _clock.GetTimestamp();
        _totalBytes = totalBytes;
        _connection.Report(SessionPhase.Idle, 0);
        Show(0);
    }

    /// <summary>Tells how far the part is.</summary>
    public void Report(SessionPhase phase, long doneBytes)
    {
        _connection.Report(phase, doneBytes);
        if (phase != SessionPhase.Idle)
        {
            Show(doneBytes);
        }
    }

    /// <summary>Does the work; what the connection ended is thrown as what ended the connection.</summary>
    public async Task<TResult> RunAsync<TResult>(Func<CancellationToken, Task<TResult>> work)
    {
        try
        {
            return await work(_either.Token);
        }
        catch (OperationCanceledException) when (!_wanted.IsCancellationRequested)
        {
            _connection.ThrowIfLost();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Budget.Settle();
        _either.Dispose();
    }

    private void Show(long doneBytes) =>
        _progress?.Report(
            new CycleProgress(_phase ?? "", doneBytes, _totalBytes, ChangedBytes, _connection.BytesSent)
            {
                Compression = Compression,
            }
        );

    private void ClosePhase()
    {
        if (_phase is not null)
        {
            _phases.Add(new PhaseTime(_phase, _clock.GetElapsedTime(_phaseStarted)));
            _phase = null;
        }
    }
}
