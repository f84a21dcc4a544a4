using RsyncFs.Blocks;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Commands;
using RsyncFs.Cli.Engine.Jobs;
using RsyncFs.Cli.Engine.Targets;
using RsyncFs.Cli.Output;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.Linux.State;
using RsyncFs.Protocol;
using RsyncFs.Snapshots;
using RsyncFs.Sources;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine;

/// <summary>One run of <c>sync</c> or <c>verify</c>: opens what it needs, tells the story, closes.</summary>
internal static class SenderRun
{
    /// <summary>Replicates, or estimates what replicating would do.</summary>
    /// <exception cref="RsyncFsException">It did not succeed; the error says in what state it left the destination.</exception>
    /// <param name="request">What was asked for.</param>
    /// <param name="output">Told how it goes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="join">Gives the source that other runs share; null to open it for this one.</param>
    /// <param name="kept">The way that is kept from run to run; null for one that is made for this one.</param>
    public static Task<CycleReport> SyncAsync(
        SyncRequest request,
        IRunOutput output,
        CancellationToken cancellationToken,
        Func<ISourceEnd>? join = null,
        KeptLink? kept = null
    )
    {
        var changes = ReadChanges(request.ChangesPath);
        var init = request.Force ? InitPolicy.Overwrite : InitPolicy.Allowed;
        return RunAsync(
            request,
            join ?? (() => Open(request, output.Warn, cancellationToken)),
            new TargetPermissions(init, request.Journal),
            source => CreateMissingImage(request, source),
            async (source, connection, options, services) =>
            {
                var destination = source.State.At(request.Destination.ToString());
                options = options with { Changes = changes };
                var replicator = new Replicator(source.Snapshots, destination, connection, options, services)
                {
                    Progress = output,
                    Budget = request.Budget,
                };
                var report = await replicator.RunAsync(cancellationToken);
                if (changes is not null && report.Plan != Plan.Tracked)
                {
                    output.Warn($"the change list was not used: {report.PlanReason}");
                }

                if (report.Compression.IsSubstitute)
                {
                    output.Warn(
                        $"compression {request.Options.Compression} was asked for, and {report.Compression.Used} is used: {report.Compression.Reason}"
                    );
                }

                return request.IsDryRun
                    ? report with
                    {
                        ArrivedRecordCount = ArrivedOf(source, destination.Resume, report),
                    }
                    : report;
            },
            cancellationToken,
            kept
        );
    }

    /// <summary>Opens the source of a run; see <see cref="SourceEnd.Open"/>.</summary>
    public static SourceEnd Open(
        SenderRequest request,
        Action<string> warn,
        CancellationToken cancellationToken,
        SourceHold? hold = null,
        Func<ISnapshotProvider, ISnapshotProvider>? around = null
    ) =>
        SourceEnd.Open(
            request.SourcePath,
            request.StateDirectory,
            request.Snapshot,
            Machine.Services().Clock,
            warn,
            hold ?? new SourceHold(),
            around ?? (source => source),
            cancellationToken
        );

    private static ChangeList? ReadChanges(string? path)
    {
        if (path is null)
        {
            return null;
        }

        try
        {
            using var text = path is "-"
                ? new StreamReader(Console.OpenStandardInput())
                : new StreamReader(path);
            return ChangeList.Read(path, text);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException(ErrorId.Usage, "the change list can not be read")
            {
                Where = path,
                Cause = failure.Message,
            };
        }
    }

    /// <summary>What a run would not send again, as far as this end can tell: the receiver is not asked in a dry run.</summary>
    private static long ArrivedOf(ISourceEnd source, ResumePoint? point, CycleReport report)
    {
        if (point is null || point.Parent != report.Generation)
        {
            return 0;
        }

        using var same = source.Snapshots.Reopen(point.Evidence);
        return same is null ? 0 : point.Position.RecordCount;
    }

    /// <summary>Compares.</summary>
    /// <exception cref="RsyncFsException">It could not be done. That the two differ is no error.</exception>
    public static Task<VerifyReport> VerifyAsync(
        VerifyRequest request,
        IRunOutput output,
        CancellationToken cancellationToken
    ) =>
        RunAsync(
            request,
            () => Open(request, output.Warn, cancellationToken),
            TargetPermissions.None,
            _ => null,
            (source, connection, options, services) =>
                new Verifier(
                    source.Snapshots,
                    source.State.At(request.Destination.ToString()),
                    connection,
                    options,
                    services
                )
                {
                    Progress = output,
                }.RunAsync(cancellationToken),
            cancellationToken
        );

    private static async Task<TReport> RunAsync<TReport>(
        SenderRequest request,
        Func<ISourceEnd> open,
        TargetPermissions allowed,
        Func<ISourceEnd, string?> prepare,
        Func<ISourceEnd, Connection, ReplicationOptions, Services, Task<TReport>> work,
        CancellationToken cancellationToken,
        KeptLink? kept = null
    )
    {
        var services = Machine.Services();
        StateOwner.Require(request.StateDirectory);
        using var source = open();
        var created = prepare(source);
        ReceiverLink? link = null;
        try
        {
            if (kept is not null && await kept.TryTakeAsync(request) is { } before)
            {
                try
                {
                    return await OverAsync(before);
                }
                catch (ConnectionException) when (before.Connection.BytesReceived == 0)
                {
                    // Nobody is at its other end any more, which shows only now. Nothing was begun.
                }
            }

            link = await OpenAsync(request, source, allowed, services, cancellationToken);
            kept?.Made();
            return await OverAsync(link);
        }
        catch (ConnectionException lost) when (created is null && lost.Hint is null)
        {
            var said = link?.LastWords is { } ask ? await ask() : null;
            throw new ConnectionException(lost.Id, lost.Message, lost)
            {
                Where = lost.Where,
                Cause = CauseOf(lost, said),
                Hint = HintOf(request),
            };
        }
        catch (LimitReachedException reached) when (request is SyncRequest { Budget: { } budget })
        {
            throw LimitText.Of(reached, budget, request.Destination.ToString());
        }
        catch (RsyncFsException) when (created is not null)
        {
            RemoveUnlessBegun(created, request.StateDirectory);
            throw;
        }

        async Task<TReport> OverAsync(ReceiverLink over)
        {
            try
            {
                over.Connection.WantsAgain = kept is not null;
                using var rate = new RateKeeper(over.Connection, request.Rate, services.Clock);
                var options = request.Options with { Parallelism = Machine.Parallelism };
                return await work(source, over.Connection, options, services);
            }
            finally
            {
                await (kept?.PutAsync(over) ?? over.DisposeAsync().AsTask());
            }
        }
    }

    /// <summary>An image of which nothing is known would look like a whole one. Of any other its state says what it is.</summary>
    private static void RemoveUnlessBegun(string image, string stateDirectory)
    {
        var place = TargetPlace.Of(stateDirectory, Path.GetFullPath(image));
        if (TargetView.Read(place) is { Record: null, Error: null })
        {
            foreach (var path in DevicePaths.Split(image))
            {
                File.Delete(path);
            }
        }
    }

    private static string? CauseOf(ConnectionException lost, string? said)
    {
        var own =
            lost.Cause
            ?? (lost.Id == ErrorId.ConnectionLost ? "the receiver ended, or the line broke" : null);
        return said is null ? own
            : own is null ? said
            : $"{own}; {said}";
    }

    private static string HintOf(SenderRequest request) =>
        request switch
        {
            SyncRequest { IsDryRun: false, Destination: RemoteDestination to } =>
                $"run the same command again: it goes on from what has arrived. The target is one whole generation meanwhile, or marked inconsistent if this was its first copy; there, 'rsyncfs target show {to.Target}' says which",
            SyncRequest { IsDryRun: false } => "run the same command again: it goes on from what has arrived",
            _ => "run the same command again; nothing was written",
        };

    /// <summary>Makes the image if that is asked for and it is not there; gives its path if it was made.</summary>
    private static string? CreateMissingImage(SyncRequest request, ISourceEnd source)
    {
        if (
            request is not { Create: true, Destination: LocalDestination image }
            || DevicePaths.Split(image.Path).All(Path.Exists)
        )
        {
            return null;
        }

        if (DevicePaths.Split(image.Path).FirstOrDefault(Path.Exists) is { } there)
        {
            throw new RefusedException(ErrorId.TargetMissing, "only a part of the group is there")
            {
                Where = image.Path,
                Cause = $"{there} exists, and not all do; --create makes all of them or none",
                Hint = "make the missing ones (truncate --size BYTES IMAGE), or remove those that are there",
            };
        }

        if (request.IsDryRun)
        {
            throw new RefusedException(
                ErrorId.TargetMissing,
                "there is no image yet, and a dry run makes none"
            )
            {
                Where = image.Path,
                Cause =
                    $"without --dry-run it would be made, and all {source.Device.LengthBytes} bytes be copied",
                Hint = "leave --dry-run out",
            };
        }

        CreateImages(image.Path, source.Device.Shape);
        return image.Path;
    }

    private static void CreateImages(string path, SetShape shape)
    {
        var paths = DevicePaths.Split(path);
        if (paths.Count != shape.Members.Count)
        {
            throw new RefusedException(ErrorId.Usage, "source and destination differ in their devices")
            {
                Where = path,
                Cause = $"the source has {shape.Members.Count}, and {paths.Count} are to be made",
                Hint = "a group is copied to a group: name as many images, in the same order",
            };
        }

        var made = new List<string>();
        try
        {
            foreach (var (image, member) in paths.Zip(shape.Members))
            {
                Links.CreateImage(image, member.LengthBytes);
                made.Add(image);
            }
        }
        catch
        {
            made.ForEach(File.Delete);
            throw;
        }
    }

    private static async Task<ReceiverLink> OpenAsync(
        SenderRequest request,
        ISourceEnd source,
        TargetPermissions allowed,
        Services services,
        CancellationToken cancellationToken
    ) =>
        request.Destination switch
        {
            TcpDestination tcp => await Links.OpenTcpAsync(tcp, request, services, cancellationToken),
            SshDestination ssh => await SshLink.OpenAsync(ssh, request.Ssh, services, cancellationToken),
            LocalDestination local => Links.OpenLocal(
                local.Path,
                source.Device,
                request.StateDirectory,
                allowed,
                services
            ),
            _ => throw new InvalidOperationException(
                $"a destination of an unknown kind: {request.Destination}"
            ),
        };
}
