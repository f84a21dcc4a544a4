using RsyncFs.Cli.Engine.Control;
using RsyncFs.Cli.Json;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Engine;

/// <summary>Tells the receiver of this machine that the list of peers was changed.</summary>
internal static class PeerNotice
{
    /// <summary>Tells whoever listens at <paramref name="socketPath"/>; null if nobody does.</summary>
    /// <param name="socketPath">The control socket.</param>
    /// <param name="peersPath">The list that was changed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RsyncFsException">Somebody may, and was not told. The list stays changed.</exception>
    public static async Task<PeersReloadedDocument?> GiveAsync(
        string socketPath,
        string peersPath,
        CancellationToken cancellationToken
    )
    {
        var request = new ControlRequest { Verb = ControlVerb.ReloadPeers, Peers = peersPath };
        try
        {
            var clock = Machine.Services().Clock;
            var answer = await ControlClient.TryAskAsync(socketPath, request, clock, cancellationToken);
            return (PeersReloadedDocument?)answer;
        }
        catch (RsyncFsException failure)
        {
            throw new RsyncFsException(
                failure.Id,
                "the list of peers was changed, and the receiver was not told",
                failure
            )
            {
                Where = failure.Where ?? socketPath,
                Cause = failure.Cause is { } cause ? $"{failure.Message}: {cause}" : failure.Message,
                Hint =
                    "kill -HUP its process: until then sessions that are at work keep the rights that they had",
            };
        }
    }
}
