using RsyncFs.Protocol;

namespace RsyncFs.Cli.Engine;

/// <summary>
/// Every bound on those of whom it is not known yet who they are, and on sessions in all, with its reason. Those of the
/// wire are in <see cref="ProtocolLimits"/>, those of the control socket in <see cref="Control.ControlLine"/>.
/// </summary>
internal static class ReceptionLimits
{
    /// <summary>Sessions that have a target: each costs some 40 MiB while it works; a target has one sender at a time, so more would only wait.</summary>
    public const int MaxSessionCount = 32;

    /// <summary>Connections that stay between two sessions of a loop: each a socket, and some 100 KiB for TLS and to read into. Whoever comes when there are so many connects anew for its next session.</summary>
    public const int MaxKeptCount = 64;

    /// <summary>Connections that are looked at at a time, each with the buffers of a handshake. That takes milliseconds; whoever says nothing keeps its place for <see cref="Deadline"/>, or <see cref="Grace"/> if all are taken.</summary>
    public const int MaxAtOnce = 64;

    /// <summary>The same, of one address: it takes sixteen addresses to hold all places.</summary>
    public const int MaxAtOncePerAddress = 4;

    /// <summary>
    /// How long whoever has a place, and has not said who it is, keeps it while all places are taken and somebody waits
    /// from whose address not more have failed; the same within an address that has a <see cref="Penalty"/>. Long enough
    /// for a handshake on a line that takes a quarter of a second each way; short enough that all who wait, if each comes from an
    /// address of its own, have their turn within <see cref="Deadline"/>.
    /// </summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Connections that are looked at or wait for that: each costs a descriptor, of which a process has 1024 or more
    /// (getrlimit(2)). Of more, one that waits is closed: of those of the address that has most there, the last; or the
    /// one that comes, unless some address has at least two more than its own.
    /// </summary>
    public const int MaxWaiting = 512;

    /// <summary>The same, of one address: a sender has a session for each of its targets, and they may begin in the same second.</summary>
    public const int MaxWaitingPerAddress = 64;

    /// <summary>Leading bytes of an IPv6 address that count as one address: whoever has one usually has all behind them (RFC 6177).</summary>
    public const int Ipv6NetworkBytes = 8;

    /// <summary>From the accept until it is known who is there, waiting included: the same that the wire gives the sender.</summary>
    public static readonly TimeSpan Deadline = ProtocolLimits.HandshakeDeadline;

    /// <summary>Connections of one address that end before it is known who is there, and that bring it a penalty: more than a person mistypes in a row.</summary>
    public const int FailuresBeforePenalty = 5;

    /// <summary>
    /// How long a penalty lasts after the last such connection. Meanwhile the address is looked at one connection at a
    /// time, each <see cref="PenaltyPause"/> behind the last that failed; it is not shut out, because behind one address
    /// may be many machines (NAT), or all users of this one (loopback), and a sender that somebody adds to the list of
    /// peers after its fifth refusal should get in at once. Who proves a key that is known ends it.
    /// </summary>
    public static readonly TimeSpan Penalty = TimeSpan.FromSeconds(60);

    /// <summary>Leaves an address one handshake a second, which costs this machine nothing, and lets ten in line get through within <see cref="Deadline"/>.</summary>
    public static readonly TimeSpan PenaltyPause = TimeSpan.FromSeconds(1);

    /// <summary>Addresses whose failures are remembered, at some 100 bytes each: more than can fail at a time. Of more, the oldest is forgotten.</summary>
    public const int MaxRememberedAddresses = 1024;

    /// <summary>Lines of the log for failures of one kind within <see cref="LogInterval"/>: enough to see what it is, and no way to fill a disk.</summary>
    public const int MaxLoggedPerInterval = 10;

    /// <summary>How often those that were not logged are counted in a line.</summary>
    public static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);
}
