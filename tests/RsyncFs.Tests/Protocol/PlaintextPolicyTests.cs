using System.Net;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using Xunit;

namespace RsyncFs.Tests.Protocol;

public sealed class PlaintextPolicyTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.9.8.7")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    public void LoopbackNeedsNoPermission(string address) =>
        PlaintextPolicy.Demand(IPAddress.Parse(address), isAllowed: false, ProtocolRole.Sender);

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("fe80::1")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("128.0.0.1")]
    public void AnotherMachineNeedsPermission(string text)
    {
        var address = IPAddress.Parse(text);
        PlaintextPolicy.Demand(address, isAllowed: true, ProtocolRole.Sender);
        var error = Assert.Throws<RefusedException>(() =>
            PlaintextPolicy.Demand(address, isAllowed: false, ProtocolRole.Receiver)
        );
        Assert.Equal(ErrorId.PlaintextRefused, error.Id);
        // It is read at both ends, and one of them may well have been told.
        Assert.StartsWith("the receiver was not told", error.Cause, StringComparison.Ordinal);
        Assert.Contains("--allow-plaintext", error.Hint, StringComparison.Ordinal);
    }
}
