using RsyncFs.Access;
using RsyncFs.Errors;
using RsyncFs.Linux.Keys;
using RsyncFs.Linux.Sockets;
using RsyncFs.Protocol;

namespace RsyncFs.Cli.Engine;

/// <summary>
/// Finds out who has connected, and what it may do. On one port come those with keys, by TLS, and those without, who
/// must be of this machine or be allowed: the first byte tells them apart.
/// </summary>
internal sealed class Doorkeeper : IDisposable
{
    private readonly NodeKey? _key;
    private readonly string _keyPath;
    private readonly PeerFile _file;
    private readonly bool _allowsPlaintext;
    private readonly Lock _gate = new();
    private volatile PeerList _peers;

    private Doorkeeper(NodeKey? key, string keyPath, PeerFile file, PeerList peers, bool allowsPlaintext)
    {
        _key = key;
        _keyPath = keyPath;
        _file = file;
        _peers = peers;
        _allowsPlaintext = allowsPlaintext;
    }

    /// <summary>Reads this machine's key, if it has one, and whom it knows.</summary>
    /// <exception cref="StateException">One can not be used; or the key was named and is not there.</exception>
    public static Doorkeeper Open(KeyFiles files, bool allowsPlaintext)
    {
        var file = new PeerFile(files.PeersPath);
        var peers = file.Load();
        var key = files.IsKeyGiven ? NodeKey.Load(files.KeyPath) : NodeKey.TryLoad(files.KeyPath);
        return new Doorkeeper(key, files.KeyPath, file, peers, allowsPlaintext);
    }

    /// <summary>For those alone that are let in by name: no key is needed, and the list is read when somebody comes.</summary>
    public static Doorkeeper ForNames(KeyFiles files) =>
        new(key: null, files.KeyPath, new PeerFile(files.PeersPath), PeerList.Empty, allowsPlaintext: false);

    /// <summary>The list of those that this machine knows.</summary>
    public PeerFile Peers => _file;

    /// <summary>Reads again whom this machine knows, because that was changed.</summary>
    /// <exception cref="StateException">It can not be read, and nobody is known: what was known before is not true any more.</exception>
    public void Reload()
    {
        lock (_gate)
        {
            try
            {
                _peers = _file.Load();
            }
            catch
            {
                _peers = PeerList.Empty;
                throw;
            }
        }
    }

    /// <summary>Lets a connection in as far as it takes to say who it is.</summary>
    /// <returns>What the session goes over; who is there, or why it is to be refused.</returns>
    /// <exception cref="RefusedException">It may not even be answered to: TLS, and this machine has no key.</exception>
    /// <exception cref="ConnectionException">It broke, or speaks something else. It is closed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled. It is closed.</exception>
    public async Task<(Stream Stream, Caller Caller, RefusedException? Refusal)> AskAsync(
        TcpPeer peer,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await peer.PeekAsync(cancellationToken) == Tls.FirstByte
                    ? await AskForKeyAsync(peer, cancellationToken)
                : RefusalOfPlaintext(peer) is { } refusal ? (peer.Stream, Caller.Unknown, refusal)
                : (peer.Stream, Caller.WithoutKey, null);
        }
        catch
        {
            await peer.Stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Looks up somebody who was let in by name: ssh found out who it is, and ran a command that says so.</summary>
    /// <returns>Who it is, or why it is to be refused.</returns>
    public (Caller Caller, RefusedException? Refusal) Find(string name)
    {
        try
        {
            LookAgain();
        }
        catch (StateException failure)
        {
            return (Caller.Unknown, CanNotLookUp(failure));
        }

        return _peers.Find(name) is { } known
            ? (Caller.Of(known.Name, target => RightsNow(known.Name, target)), null)
            : (Caller.Unknown, Unknown(name));
    }

    /// <inheritdoc/>
    public void Dispose() => _key?.Dispose();

    /// <summary>
    /// Looks whether whom this machine knows has changed: whoever was added just now needs no reload. That the machine
    /// could not look does not make a stranger of anybody who is known; a list that is bad makes one of everybody.
    /// </summary>
    /// <exception cref="StateException">It can not be read.</exception>
    private void LookAgain()
    {
        lock (_gate)
        {
            try
            {
                _peers = _file.Load();
            }
            catch (Exception failure) when (failure is not StateException { Id: ErrorId.StateIo })
            {
                _peers = PeerList.Empty;
                throw;
            }
        }
    }

    /// <summary>What the list says now: nobody tells a receiver of one session that it was changed.</summary>
    private Rights RightsNow(string name, string target)
    {
        try
        {
            LookAgain();
        }
        catch (StateException)
        {
            // What is known now is what that has left.
        }

        return _peers.Find(name)?.RightsOn(target) ?? Rights.None;
    }

    private async Task<(Stream, Caller, RefusedException?)> AskForKeyAsync(
        TcpPeer peer,
        CancellationToken cancellationToken
    )
    {
        if (_key is null)
        {
            throw new RefusedException(
                ErrorId.KeyFile,
                "a sender came with a key, and this receiver has none"
            )
            {
                Where = _keyPath,
                Hint = "rsyncfs key gen, and serve again",
            };
        }

        var (stream, seen) = await Tls.AnswerAsync(
            peer.Stream,
            _key,
            peer.Address.ToString(),
            cancellationToken
        );
        try
        {
            LookAgain();
        }
        catch (StateException failure)
        {
            return (stream, Caller.Stranger(seen), CanNotLookUp(failure));
        }

        return seen is { } key && _peers.Find(key) is { } known
            ? (
                stream,
                Caller.Of(known.Name, target => _peers.Find(key)?.RightsOn(target) ?? Rights.None, key),
                null
            )
            : (stream, Caller.Stranger(seen), Unknown(seen));
    }

    private RefusedException? RefusalOfPlaintext(TcpPeer peer)
    {
        try
        {
            PlaintextPolicy.Demand(peer.Address.Address, _allowsPlaintext, ProtocolRole.Receiver);
            // Whoever has an account on this machine, or a tunnel to it, would have every right.
            return _key is null || _allowsPlaintext
                ? null
                : new RefusedException(
                    ErrorId.PlaintextRefused,
                    "the receiver has a key, and takes nobody without one"
                )
                {
                    Hint = "send to rsyncfs:// instead; or, on the receiver: serve --allow-plaintext",
                };
        }
        catch (RefusedException refusal)
        {
            return refusal;
        }
    }

    /// <summary>Where things lie on this machine is nobody's business who was not found yet: that is said within <paramref name="why"/> alone, which stays here.</summary>
    private static RefusedException CanNotLookUp(StateException why) =>
        why.Id == ErrorId.StateIo
            ? new(ErrorId.StateIo, "the receiver could not look up keys just now", why)
            {
                Hint = "try again; what failed stands in the receiver's log",
            }
            : new(ErrorId.KeyFile, "the receiver can not look up keys now", why)
            {
                Hint = "on the receiver: rsyncfs peer list",
            };

    private static RefusedException Unknown(string name) =>
        new(ErrorId.KeyUnknown, "the receiver does not know this sender")
        {
            Cause = $"it came as {name}",
            Hint =
                $"on the receiver: rsyncfs peer add {name} {Peer.SshWord} --allow TARGET=write,verify; and init, for a first copy",
        };

    private static RefusedException Unknown(KeyFingerprint? seen) =>
        new(ErrorId.KeyUnknown, "the receiver does not know this sender's key")
        {
            Cause = seen is null ? "it showed none" : $"it is {seen}",
            Hint = seen is null
                ? null
                : $"on the receiver: rsyncfs peer add NAME {seen} --allow TARGET=write,verify; and init, for a first copy",
        };
}
