using RsyncFs.Cli.Arguments;
using Xunit;

namespace RsyncFs.Tests.Cli;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:8730", "127.0.0.1", 8730, true)]
    [InlineData("[::1]:9000", "::1", 9000, true)]
    [InlineData(":8730", "", 8730, false)]
    [InlineData(":0", "", 0, false)]
    [InlineData("127.0.0.1:0", "127.0.0.1", 0, true)]
    [InlineData("localhost", "localhost", 8730, true)]
    [InlineData("[::]:8730", "::", 8730, false)]
    [InlineData("10.0.0.7", "10.0.0.7", 8730, false)]
    public void ReadsHostAndPort(string text, string host, int port, bool isLoopback)
    {
        var address = ListenAddress.Parse(text);
        Assert.Equal(new ListenAddress(host, port), address);
        Assert.Equal(isLoopback, address.IsLoopback);
        Assert.Equal(address, ListenAddress.Parse(address.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("::1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:http")]
    [InlineData("127.0.0.1:70000")]
    [InlineData("tcp://127.0.0.1:1")]
    [InlineData("[127.0.0.1]:1")]
    [InlineData("-backup1:1")]
    public void RefusesWhatIsNoAddress(string text) => Refusal.Of(() => ListenAddress.Parse(text));

    [Fact]
    public void RefusesAHostThatIsTooLongToBeOne() =>
        Assert.Contains(
            "is not a host",
            Refusal.Of(() => ListenAddress.Parse(new string('a', 254) + ":8730")).Message,
            StringComparison.Ordinal
        );
}
