using RsyncFs.Cli.Commands;
using RsyncFs.Protocol;

namespace RsyncFs.Cli.Engine;

/// <summary>The way to a receiver: a connection, and whatever must be kept while it lasts.</summary>
/// <param name="connection">The sender's end.</param>
/// <param name="localReceiver">Ends when the receiver in this process has; completed for one elsewhere.</param>
/// <param name="localTarget">The target in this process; null for one elsewhere.</param>
internal sealed class ReceiverLink(Connection connection, Task localReceiver, IDisposable? localTarget)
    : IAsyncDisposable
{
    /// <summary>The sender's end of the session.</summary>
    public Connection Connection { get; private set; } = connection;

    /// <summary>True if it may serve another request still: this end and the other are who they should be, as far as is known here now.</summary>
    public Func<SenderRequest, bool> IsStillGood { get; init; } = _ => false;

    /// <summary>Begins another session over the way, which was kept.</summary>
    public async Task BeginAgainAsync() => Connection = await Connection.BeginAgainAsync();

    /// <summary>What the way itself said last, for a connection that broke; null if it says nothing.</summary>
    public Func<ValueTask<string?>>? LastWords { get; init; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Connection.DisposeAsync();
            await localReceiver;
        }
        finally
        {
            localTarget?.Dispose();
        }
    }
}
