using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Commands;
using RsyncFs.Errors;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine;

/// <summary>One run of <c>sync</c> or <c>verify</c>: opens what it needs, tells the story, closes.</summary>
internal static class SenderRun
{
    /// <summary>Replicates, or estimates what replicating would do.</summary>
    /// <exception cref="RsyncFsException">It did not succeed; the error says in what state it left the destination.</exception>
    public static async Task<CycleReport> SyncAsync(
        SyncRequest request,
        IProgress<CycleProgress> progress,
        CancellationToken cancellationToken
    )
    {
        var services = Machine.Services();
        using var source = SourceEnd.Open(
            request.SourcePath,
            request.StateDirectory,
            request.AllowSourceInUse
        );
        if (request is { Create: true, IsDryRun: false, Destination: LocalDestination image })
        {
            Links.CreateImage(image.Path, source.Device.LengthBytes);
        }

        await using var link = await OpenAsync(
            request.Destination,
            source,
            request.StateDirectory,
            request.AllowPlaintext,
            request.Force ? InitPolicy.Overwrite : InitPolicy.Allowed,
            services,
            cancellationToken
        );
        var options = OptionsFor(request.Options, source);
        var replicator = new Replicator(source.Device, source.State, link.Connection, options, services)
        {
            Progress = progress,
        };
        return await replicator.RunAsync(cancellationToken);
    }

    /// <summary>Compares.</summary>
    /// <exception cref="RsyncFsException">It could not be done. That the two differ is no error.</exception>
    public static async Task<VerifyReport> VerifyAsync(
        VerifyRequest request,
        IProgress<CycleProgress> progress,
        CancellationToken cancellationToken
    )
    {
        var services = Machine.Services();
        using var source = SourceEnd.Open(
            request.SourcePath,
            request.StateDirectory,
            request.AllowSourceInUse
        );
        await using var link = await OpenAsync(
            request.Destination,
            source,
            request.StateDirectory,
            request.AllowPlaintext,
            InitPolicy.Refused,
            services,
            cancellationToken
        );
        var options = OptionsFor(request.Options, source);
        var verifier = new Verifier(source.Device, source.State, link.Connection, options, services)
        {
            Progress = progress,
        };
        return await verifier.RunAsync(cancellationToken);
    }

    private static ReplicationOptions OptionsFor(ReplicationOptions options, SourceEnd source) =>
        options with
        {
            SourceIsInUse = source.IsInUse,
            Parallelism = Machine.Parallelism,
        };

    private static async Task<ReceiverLink> OpenAsync(
        Destination destination,
        SourceEnd source,
        string stateDirectory,
        bool allowPlaintext,
        InitPolicy init,
        Services services,
        CancellationToken cancellationToken
    ) =>
        destination switch
        {
            TcpDestination tcp => await Links.OpenTcpAsync(tcp, allowPlaintext, services, cancellationToken),
            LocalDestination local => Links.OpenLocal(
                local.Path,
                source.Device,
                stateDirectory,
                init,
                services
            ),
            _ => throw new InvalidOperationException($"a destination of an unknown kind: {destination}"),
        };
}
