using RsyncFs.Protocol;

namespace RsyncFs;

/// <summary>What one cycle may take of a <see cref="RunBudget"/>, and has taken.</summary>
/// <param name="run">The budget; null if there is no limit.</param>
/// <param name="connection">The connection whose bytes are counted.</param>
internal sealed class CycleBudget(RunBudget? run, Connection connection)
{
    // What ends a cycle: checkpoints, the goodbye, a heartbeat between them.
    private const int ClosingBytes = 1024;

    private readonly Lock _lock = new();
    private long _countedBytes;

    /// <summary>True if the time is over.</summary>
    public bool IsTimeOver => run?.IsTimeOver == true;

    /// <summary>True if <paramref name="bytes"/> more may be sent, and what ends the cycle.</summary>
    public bool HasRoomFor(long bytes)
    {
        Settle();
        return !(run?.LeftBytes < bytes + ClosingBytes);
    }

    /// <summary>Counts what was sent since it was counted last.</summary>
    public void Settle()
    {
        lock (_lock)
        {
            var sentBytes = connection.BytesSent;
            run?.Count(sentBytes - _countedBytes);
            _countedBytes = sentBytes;
        }
    }

    /// <summary>A source that is cancelled when the time is over.</summary>
    public CancellationTokenSource CreateTimer() => run?.CreateTimer() ?? new CancellationTokenSource();
}
