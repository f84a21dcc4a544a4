using System.Net;
using RsyncFs.Access;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Commands;
using RsyncFs.Cli.Commands.Targets;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.Linux.Keys;
using RsyncFs.Linux.Sockets;
using RsyncFs.Protocol;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine;

/// <summary>Makes the way to a receiver: over TCP, or to one in this process.</summary>
internal static class Links
{
    /// <summary>Connects to the receiver of <paramref name="destination"/>.</summary>
    /// <exception cref="ConnectionException">It can not be reached, or is no receiver.</exception>
    /// <exception cref="RefusedException">The connection would be unencrypted, and that was not allowed; or its key is not the one that was expected.</exception>
    /// <exception cref="StateException">This machine has no key, or can not use it.</exception>
    public static async Task<ReceiverLink> OpenTcpAsync(
        TcpDestination destination,
        SenderRequest request,
        Services services,
        CancellationToken cancellationToken
    )
    {
        var receiver = new HostAndPort(destination.Host, destination.Port);
        var name = receiver.ToString();
        var given = GivenOptions.Of(request.StateDirectory, request.Keys, socketPath: null);
        using var key = destination.IsEncrypted ? given.Run(() => NodeKey.Load(request.Keys.KeyPath)) : null;
        var expected = destination.IsEncrypted ? ExpectedReceiver.Of(receiver, request, given) : null;
        KeyFingerprint? seen = null;
        var peer = await TcpConnector.ConnectAsync(
            new DnsEndPoint(destination.Host, destination.Port),
            TcpConnector.DefaultTimeout,
            services.Clock,
            cancellationToken
        );
        var begun = services.Clock.GetTimestamp();
        var stream = peer.Stream;
        try
        {
            if (key is null)
            {
                PlaintextPolicy.Demand(peer.Address.Address, request.AllowPlaintext, ProtocolRole.Sender);
            }
            else
            {
                stream = await EncryptAsync(stream, key, Judge, name, services.Clock, cancellationToken);
            }
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }

        var connection = new Connection(stream, services.Clock, name, ProtocolRole.Sender, begunAt: begun);
        var own = key?.Fingerprint;
        return new ReceiverLink(connection, Task.CompletedTask, localTarget: null)
        {
            IsStillGood = later => own is null || AreKeysStill(own.Value, seen!.Value, receiver, later),
        };

        void Judge(KeyFingerprint other)
        {
            expected!.Judge(other);
            seen = other;
        }
    }

    /// <summary>Both ends have the keys still that they should have.</summary>
    private static bool AreKeysStill(
        KeyFingerprint own,
        KeyFingerprint seen,
        HostAndPort receiver,
        SenderRequest request
    )
    {
        try
        {
            var given = GivenOptions.Of(request.StateDirectory, request.Keys, socketPath: null);
            ExpectedReceiver.Of(receiver, request, given).Judge(seen);
            using var key = NodeKey.Load(request.Keys.KeyPath);
            return key.Fingerprint == own;
        }
        catch (RsyncFsException)
        {
            // Whoever connects anew says what is the matter.
            return false;
        }
    }

    private static async Task<Stream> EncryptAsync(
        Stream stream,
        NodeKey key,
        Action<KeyFingerprint> judge,
        string name,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        using var deadline = new CancellationTokenSource(ProtocolLimits.HandshakeDeadline, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await Tls.ConnectAsync(stream, key, judge, name, either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            throw new ConnectionException(ErrorId.Stalled, "no encrypted connection came to be")
            {
                Where = name,
                Cause = $"no answer within {ProtocolLimits.HandshakeDeadline.TotalSeconds:F0} seconds",
                Hint = "is that the port of an 'rsyncfs serve'?",
            };
        }
    }

    /// <summary>Opens a device or image of this machine, and serves it in this process.</summary>
    /// <param name="path">The device or image.</param>
    /// <param name="source">Must not be the same.</param>
    /// <param name="stateDirectory">The state directory of this machine.</param>
    /// <param name="allowed">What it may take.</param>
    /// <param name="services">What the machine gives.</param>
    /// <exception cref="DeviceException">It can not be had. Nothing was written.</exception>
    public static ReceiverLink OpenLocal(
        string path,
        IBlockDevice source,
        string stateDirectory,
        TargetPermissions allowed,
        Services services
    )
    {
        RequireSomethingAt(path);
        RefuseSameDevice(source.Name, path);
        RefuseKnownSource(path, stateDirectory, allowed.Init);
        var end = TargetEnd.Open(
            EndPointNames.Local,
            path,
            StateLayout.OfLocalTarget(stateDirectory, path),
            allowed,
            services
        );
        var pair = StreamPair.Create();
        var connection = new Connection(
            pair.Sender,
            services.Clock,
            EndPointNames.ThisMachine,
            ProtocolRole.Sender,
            isInProcess: true
        );
        var receiver = ServeAsync(pair.Receiver, new TargetCatalogue([end.Target]), services);
        return new ReceiverLink(connection, receiver, end);
    }

    /// <summary>Makes an image.</summary>
    /// <exception cref="DeviceException">It can not be made. Nothing is there.</exception>
    public static void CreateImage(string path, long lengthBytes) =>
        ImageFile.CreateTarget(path, lengthBytes).Dispose();

    private static void RequireSomethingAt(string destination)
    {
        if (DevicePaths.Split(destination).FirstOrDefault(path => !Path.Exists(path)) is { } path)
        {
            throw new DeviceException(ErrorId.TargetMissing, "the target does not exist")
            {
                Where = path,
                Hint = "check the path; for an image that is to be made, add --create",
            };
        }
    }

    private static void RefuseSameDevice(string source, string target)
    {
        if (DeviceOpener.AreSame(source, target))
        {
            throw new DeviceException(ErrorId.TargetInUse, "source and destination are the same device")
            {
                Where = $"{source} and {target}",
                Hint = "nothing was written; name the device to copy to",
            };
        }
    }

    /// <summary>Source and destination are easily named the wrong way round, once.</summary>
    private static void RefuseKnownSource(string path, string stateDirectory, InitPolicy init)
    {
        var isSource = Directory.Exists(StateLayout.OfSource(stateDirectory, path));
        var isTarget = Directory.Exists(StateLayout.OfLocalTarget(stateDirectory, path));
        if (isSource && !isTarget && init == InitPolicy.Allowed)
        {
            throw new RefusedException(ErrorId.TargetInitRefused, "the destination was a source until now")
            {
                Where = path,
                Cause = "it was replicated from here before, and never to here",
                Hint = "the order is SOURCE DEST; if it is meant, add --force. Nothing was written",
            };
        }
    }

    private static async Task ServeAsync(Stream stream, TargetCatalogue targets, Services services)
    {
        await using var connection = new Connection(
            stream,
            services.Clock,
            EndPointNames.ThisMachine,
            ProtocolRole.Receiver,
            isInProcess: true
        );
        try
        {
            await new Receiver(targets, services).ServeAsync(connection, CancellationToken.None);
        }
        catch (RsyncFsException)
        {
            // The sender's end was told, and it is the one that speaks to people.
        }
    }
}
