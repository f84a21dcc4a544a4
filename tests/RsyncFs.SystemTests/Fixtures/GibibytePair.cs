using Xunit;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>
/// 1 GiB of random data on a loop device, and its first copy on another, at the two ends of a link whose bytes are
/// counted by the kernel. Made once for a class; a test that has changed the source brings the target up to it.
/// </summary>
public sealed class GibibytePair : IAsyncLifetime
{
    /// <summary>Bytes of each device.</summary>
    public const long SizeBytes = 1024L * 1024 * 1024;

    /// <summary>The link.</summary>
    internal NetworkPair Network { get; } = new();

    /// <summary>The source.</summary>
    public LoopDevice Source { get; } = new(SizeBytes);

    /// <summary>The target.</summary>
    public LoopDevice Target { get; } = new(SizeBytes);

    /// <summary>Sender and receiver.</summary>
    internal ReplicationScene Scene { get; private set; } = null!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        new RandomContent(1).WriteTo(Source.Path, 0, SizeBytes);
        Scene = new ReplicationScene(Source.Path, Target.Path, Network);
        await Scene.ServeAsync();
        await Scene.SyncAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Scene.DisposeAsync();
        Source.Dispose();
        Target.Dispose();
        Network.Dispose();
    }
}
