using RsyncFs.Access;
using RsyncFs.Cli.Engine;
using Xunit;

namespace RsyncFs.Tests.Cli;

public sealed class SessionPeerTests
{
    private const string Address = "192.0.2.1:40000";

    private static readonly KeyFingerprint Key = KeyFingerprint.Of([1]);

    [Fact]
    public void WhatIsProvenStandsByItselfAndAClaimInQuotes()
    {
        var peer = new SessionPeer(Address);
        Assert.Equal(Address, peer.ToString());
        Assert.Equal($"{Address} ({Key})", (peer with { Key = Key }).WithKey);
        Assert.Equal($"\"web1\" ({Address}, no key)", (peer with { Node = "web1" }).WithKey);
        var known = peer with { Name = "web1", Key = Key };
        Assert.Equal($"web1 ({Address})", known.ToString());
        known = known with { Node = "db-host" };
        Assert.Equal($"web1 (\"db-host\", {Address})", known.ToString());
        Assert.Equal($"web1 (\"db-host\", {Address}, {Key})", known.WithKey);
    }

    /// <summary>One without a key that says it is called as another's line begins.</summary>
    [Fact]
    public void AClaimDoesNotPassForAnother()
    {
        var liar = new SessionPeer(Address) { Node = "web1\" (\"db-host" };
        Assert.Equal($"\"web1' ('db-host\" ({Address}, no key)", liar.ToString());
    }
}
