using System.Net;
using RsyncFs.Cli.Json;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Engine;

/// <summary>Told what a receiver lives through, in text or as JSON events. Called from several threads.</summary>
internal interface IServeLog
{
    /// <summary>Senders can connect.</summary>
    void Ready(IPEndPoint address);

    /// <summary>A session came to its proper end.</summary>
    void Ended(SessionPeer peer, SessionReport report);

    /// <summary>A session ended otherwise.</summary>
    void Failed(SessionPeer peer, RsyncFsException error);

    /// <summary>The list of peers could not be read again.</summary>
    void NotReloaded(RsyncFsException error);

    /// <summary>Somebody asked which sessions are open.</summary>
    void Present(IReadOnlyList<PresentSession> sessions);

    /// <summary>A person changed what a target is.</summary>
    void Changed(TargetChangeDocument change);
}
