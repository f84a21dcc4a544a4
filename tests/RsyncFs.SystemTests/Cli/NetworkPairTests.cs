using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Cli;

public sealed class NetworkPairTests
{
    [Fact]
    public void JoinsTwoNamespacesCountsTheirBytesAndLeavesNothingBehind()
    {
        string sender;
        using (var pair = new NetworkPair())
        {
            sender = pair.SenderName;
            var (there, back) = (pair.BytesToReceiver, pair.BytesToSender);

            // Nobody listens: one SYN goes there (14 + 20 + 40 bytes), one RST comes back (14 + 20 + 20).
            var knock = Command.Try(
                "ip",
                "netns",
                "exec",
                sender,
                "bash",
                "-c",
                $"exec 3<>/dev/tcp/{NetworkPair.ReceiverAddress}/9"
            );
            Assert.Contains("Connection refused", knock.Error, StringComparison.Ordinal);
            Assert.InRange(pair.BytesToReceiver - there, 74, 1000);
            Assert.InRange(pair.BytesToSender - back, 54, 1000);
            Assert.Contains(sender, Command.Run("ip", "netns", "list"), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(sender, Command.Run("ip", "netns", "list"), StringComparison.Ordinal);
    }
}
