using RsyncFs.Cli.Arguments;
using Xunit;

namespace RsyncFs.Tests.Cli;

public sealed class DestinationTests
{
    [Theory]
    [InlineData("rsyncfs+tcp://backup1/db01", "backup1", 8730, "db01")]
    [InlineData("rsyncfs+tcp://backup1.example.net:9000/web-1.old", "backup1.example.net", 9000, "web-1.old")]
    [InlineData("rsyncfs+tcp://10.0.0.7:1/x", "10.0.0.7", 1, "x")]
    [InlineData("rsyncfs+tcp://[2001:db8::7]/db01", "2001:db8::7", 8730, "db01")]
    [InlineData("rsyncfs+tcp://[::1]:65535/db01", "::1", 65535, "db01")]
    [InlineData("rsyncfs+tcp://[2001:db8::]/db01", "2001:db8::", 8730, "db01")]
    public void ReadsAReceiversTarget(string text, string host, int port, string target)
    {
        var plain = new TcpDestination(host, port, target, IsEncrypted: false);
        Assert.Equal(plain, Destination.Parse(text));
        Assert.Equal(
            plain with
            {
                IsEncrypted = true,
            },
            Destination.Parse(text.Replace("rsyncfs+tcp://", "rsyncfs://", StringComparison.Ordinal))
        );
    }

    [Theory]
    [InlineData("/dev/vg0/db01")]
    [InlineData("image.raw")]
    [InlineData("./odd:name")]
    [InlineData("/dev/disk/by-path/pci-0000:00:1f.2")]
    public void TakesAPathForALocalDevice(string text) =>
        Assert.Equal(new LocalDestination(text), Destination.Parse(text));

    [Theory]
    [InlineData("rsyncfs+tcp://backup1:9000/db01", "rsyncfs+tcp://backup1:9000/db01")]
    [InlineData("rsyncfs+tcp://[::1]/db01", "rsyncfs+tcp://[::1]:8730/db01")]
    [InlineData("rsyncfs://backup1/db01", "rsyncfs://backup1:8730/db01")]
    [InlineData("/dev/loop0", "/dev/loop0")]
    public void PrintsWhatItCanReadAgain(string text, string printed)
    {
        var destination = Destination.Parse(text);
        Assert.Equal(printed, destination.ToString());
        Assert.Equal(destination, Destination.Parse(printed));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("rsyncfs+tcp://backup1", "names no target")]
    [InlineData("rsyncfs+tcp://backup1/", "names no target")]
    [InlineData("rsyncfs+tcp:///db01", "names no host")]
    [InlineData("rsyncfs+tcp://:8730/db01", "names no host")]
    [InlineData("rsyncfs+tcp://backup1:0/db01", "names no port")]
    [InlineData("rsyncfs+tcp://backup1:65536/db01", "no port number")]
    [InlineData("rsyncfs+tcp://backup1:/db01", "no port number")]
    [InlineData("rsyncfs+tcp://backup1:+1/db01", "no port number")]
    [InlineData("rsyncfs+tcp://2001:db8::7/db01", "more than one colon")]
    [InlineData("rsyncfs+tcp://[10.0.0.7]/db01", "no IPv6 address")]
    [InlineData("rsyncfs+tcp://[::1/db01", "no IPv6 address")]
    [InlineData("rsyncfs+tcp://[::1]x/db01", "no port number")]
    [InlineData("rsyncfs+tcp://root@backup1/db01", "is not a host")]
    [InlineData("rsyncfs+tcp://back%20up/db01", "is not a host")]
    [InlineData("rsyncfs+tcp://-oProxyCommand=x/db01", "is not a host")]
    [InlineData("rsyncfs+tcp://-backup1/db01", "'-backup1' is not a host")]
    [InlineData("rsyncfs://-backup1:8730/db01", "'-backup1' is not a host")]
    [InlineData("rsyncfs+tcp://--/db01", "'--' is not a host")]
    [InlineData("rsyncfs+tcp://0.0.0.0:8730/db01", "'0.0.0.0' is no address of a receiver")]
    [InlineData("rsyncfs+tcp://0/db01", "'0' is no address of a receiver")]
    [InlineData("rsyncfs+tcp://[::]/db01", "'::' is no address of a receiver")]
    [InlineData("rsyncfs+tcp://[::ffff:0.0.0.0]/db01", "is no address of a receiver")]
    [InlineData("rsyncfs+tcp://backup1/DB01", "is not a target's name")]
    [InlineData("rsyncfs+tcp://backup1/a/b", "is not a target's name")]
    [InlineData("rsyncfs+tcp://backup1/db01?x=1", "is not a target's name")]
    [InlineData("backup1:/dev/vg0/db01", "looks like a host and a path")]
    [InlineData("backup1:db01", "looks like a host and a path")]
    [InlineData("http://backup1/db01", "unknown scheme 'http'")]
    [InlineData("://backup1/db01", "unknown scheme ''")]
    public void RefusesWhatIsIncompleteOrAmbiguous(string text, string reason) =>
        Assert.Contains(reason, Refusal.Of(() => Destination.Parse(text)).Message, StringComparison.Ordinal);

    /// <summary>What is not written is left to ssh: its configuration may know more.</summary>
    [Theory]
    [InlineData("rsyncfs+ssh://backup1/db01", null, "backup1", null)]
    [InlineData("rsyncfs+ssh://root@backup1:22/db01", "root", "backup1", 22)]
    [InlineData("rsyncfs+ssh://a.b-c_1@[2001:db8::7]/db01", "a.b-c_1", "2001:db8::7", null)]
    [InlineData("rsyncfs+ssh://[2001:db8::7]:2222/db01", null, "2001:db8::7", 2222)]
    public void ReadsATargetBehindSsh(string text, string? user, string host, int? port)
    {
        var destination = Destination.Parse(text);
        Assert.Equal(new SshDestination(user, host, port, "db01"), destination);
        Assert.Equal(text, destination.ToString());
    }

    /// <summary>What begins with a dash would be an option of ssh (CVE-2017-1000117).</summary>
    [Theory]
    [InlineData("rsyncfs+ssh://-oProxyCommand/db01")]
    [InlineData("rsyncfs+ssh://root@-oProxyCommand/db01")]
    [InlineData("rsyncfs+ssh://-l@backup1/db01")]
    [InlineData("rsyncfs+ssh://@backup1/db01")]
    [InlineData("rsyncfs+ssh://a b@backup1/db01")]
    [InlineData("rsyncfs+ssh://root@/db01")]
    [InlineData("rsyncfs+ssh://backup1:0/db01")]
    public void NobodyGetsAnOptionToSshThroughAnAddress(string text) =>
        Assert.NotNull(Refusal.Of(() => Destination.Parse(text)).Message);

    [Fact]
    public void GuessesAMistypedScheme() =>
        Assert.StartsWith(
            "did you mean 'rsyncfs+tcp'?",
            Refusal.Of(() => Destination.Parse("rsyncfs+tpc://backup1/db01")).Hint,
            StringComparison.Ordinal
        );
}
