using RsyncFs.Access;
using Xunit;

namespace RsyncFs.Tests.Access;

public sealed class PeerListTests
{
    private static readonly KeyFingerprint One = KeyFingerprint.Of([1]);
    private static readonly KeyFingerprint Two = KeyFingerprint.Of([2]);

    [Fact]
    public void ReadsWhatItPrints()
    {
        var text = $"# who\n\n  web1 {One} db01=write,verify db02=init\r\nbackup1.example.net\t{Two}\n";
        var peers = PeerList.Parse(text);
        Assert.Equal(["web1", "backup1.example.net"], peers.Peers.Select(peer => peer.Name));
        Assert.Equal(Rights.Write | Rights.Verify, peers.Find("web1")!.RightsOn("db01"));
        Assert.Equal(Rights.Init, peers.Find(One)!.RightsOn("db02"));
        Assert.Equal(Rights.None, peers.Find(One)!.RightsOn("db03"));
        Assert.Equal(Rights.None, peers.Find(Two)!.RightsOn("db01"));
        Assert.Equal(peers.Print(), PeerList.Parse(peers.Print()).Print());
    }

    [Fact]
    public void NobodyIsKnownWhereNothingIsWritten()
    {
        Assert.Empty(PeerList.Parse("").Peers);
        Assert.Null(PeerList.Empty.Find(One));
        Assert.Null(PeerList.Empty.Find("web1"));
    }

    /// <summary>Hosts are the same in capitals (RFC 4343); two lines for one machine would leave open which counts.</summary>
    [Fact]
    public void ANameIsThereOnceWhateverItsCapitals()
    {
        var peers = PeerList.Parse($"Web1 {One}\n");
        Assert.Equal(One, peers.Find("web1")!.Key);
        Assert.Contains("already", Wrong($"Web1 {One}\nweb1 {Two}\n"), StringComparison.Ordinal);
        Assert.Contains("already", Wrong($"web1 {One}\nweb2 {One}\n"), StringComparison.Ordinal);
    }

    /// <summary>ssh knows their keys: here they have none, and so none in common.</summary>
    [Fact]
    public void SomeComeThroughSshOnly()
    {
        var peers = PeerList.Parse("web1 ssh db01=write\nweb2 ssh\n");
        Assert.Null(peers.Find("web1")!.Key);
        Assert.Equal(Rights.Write, peers.Find("web1")!.RightsOn("db01"));
        Assert.Equal(peers.Print(), PeerList.Parse(peers.Print()).Print());
        Assert.Null(peers.Find(default(KeyFingerprint)));
    }

    [Theory]
    [InlineData("backup1.example.net", "backup1.example.net")]
    [InlineData("-x y;z", "x-y-z")]
    [InlineData("--", "unnamed")]
    [InlineData("", "unnamed")]
    public void AMachinesNameBecomesAPeersName(string text, string name)
    {
        Assert.Equal(name, PeerList.NameOf(text));
        Assert.True(PeerList.IsName(name));
    }

    [Theory]
    [InlineData("web1", "a name and a key")]
    [InlineData("web1 rfk1:short", "is no key")]
    [InlineData("we\u0007b1 KEY", "is not a peer's name")]
    [InlineData("web1 KEY db01", "is not TARGET=RIGHT")]
    [InlineData("web1 KEY db01=", "is no right")]
    [InlineData("web1 KEY db01=write,", "is no right")]
    [InlineData("web1 KEY db01=Write", "is no right")]
    [InlineData("web1 KEY db01=all", "is no right")]
    [InlineData("web1 KEY =write", "is not TARGET=RIGHT")]
    [InlineData("web1 KEY db01=write db01=verify", "there twice")]
    public void WhatIsWrongIsNamedWithItsLine(string line, string cause)
    {
        var message = Wrong("\n" + line.Replace("KEY", One.ToString(), StringComparison.Ordinal));
        Assert.StartsWith("line 2: ", message, StringComparison.Ordinal);
        Assert.Contains(cause, message, StringComparison.Ordinal);
    }

    [Fact]
    public void AChangedMachineKeepsItsPlace()
    {
        var peers = PeerList.Parse($"a {One}\nb {Two}\n");
        var changed = peers.With(peers.Find("a")! with { Key = KeyFingerprint.Of([3]) });
        Assert.Equal(["a", "b"], changed.Peers.Select(peer => peer.Name));
        Assert.Equal(["b"], changed.Without("A").Peers.Select(peer => peer.Name));
    }

    private static string Wrong(string text) =>
        Assert.Throws<FormatException>(() => PeerList.Parse(text)).Message;

    /// <summary>A receiver is looked up by host and port, as they stand in its address; then by its host.</summary>
    [Theory]
    [InlineData("backup1.example.net")]
    [InlineData("backup1.example.net:8731")]
    [InlineData("[2001:db8::7]:8730")]
    [InlineData("2001:db8::7")]
    public void AHostWithItsPortIsAName(string name)
    {
        var peers = PeerList.Parse($"{name} {One}\n{name}x {Two}\n");
        Assert.Equal(One, peers.Find(name)!.Key);
        Assert.True(PeerList.IsName(new string('a', 253) + ":65535"));
        Assert.False(PeerList.IsName(new string('a', 254) + ":65535"));
    }
}
