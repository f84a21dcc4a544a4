using System.Globalization;
using System.Security.Cryptography;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>
/// Two network namespaces joined by a veth pair: two machines as far as TCP can tell, and a link whose counters are
/// not ours. Names are random, so that many can be there at once. Needs root.
/// </summary>
internal sealed class NetworkPair : IDisposable
{
    private readonly string _id = $"rfs{RandomNumberGenerator.GetHexString(8, lowercase: true)}";

    /// <summary>Makes both ends and waits for nothing: a veth pair is up at once.</summary>
    public NetworkPair()
    {
        try
        {
            Command.Run("ip", "netns", "add", SenderName);
            Command.Run("ip", "netns", "add", ReceiverName);
            Command.Run(
                "ip",
                "link",
                "add",
                SenderName,
                "netns",
                SenderName,
                "type",
                "veth",
                "peer",
                "name",
                ReceiverName,
                "netns",
                ReceiverName
            );
            SetUp(SenderName, SenderAddress);
            SetUp(ReceiverName, ReceiverAddress);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private const string Subnet = "10.73.0.0/24";

    /// <summary>The sender's address.</summary>
    public const string SenderAddress = "10.73.0.1";

    /// <summary>The receiver's address.</summary>
    public const string ReceiverAddress = "10.73.0.2";

    /// <summary>rsyncfs at the sender's end.</summary>
    public RsyncFsProgram Sender => new("ip", "netns", "exec", SenderName);

    /// <summary>rsyncfs at the receiver's end.</summary>
    public RsyncFsProgram Receiver => new("ip", "netns", "exec", ReceiverName);

    /// <summary>The namespace, and the interface in it, of the sender.</summary>
    public string SenderName => $"{_id}s";

    /// <summary>The namespace, and the interface in it, of the receiver.</summary>
    public string ReceiverName => $"{_id}r";

    /// <summary>Bytes on the link from sender to receiver since it was made, Ethernet headers included.</summary>
    public long BytesToReceiver => ReadCounter("tx_bytes");

    /// <summary>Bytes on the link from receiver to sender since it was made, Ethernet headers included.</summary>
    public long BytesToSender => ReadCounter("rx_bytes");

    /// <summary>Bytes on the link in both directions.</summary>
    public long BytesBothWays => BytesToReceiver + BytesToSender;

    /// <summary>The congestion control that both ends use; counts and speeds are told with it.</summary>
    public string CongestionControl =>
        Command
            .Run("ip", "-n", SenderName, "route", "show", Subnet)
            .Contains("congctl cubic", StringComparison.Ordinal)
            ? "cubic"
            : File.ReadAllText("/proc/sys/net/ipv4/tcp_congestion_control").Trim();

    /// <summary>
    /// Lets through so many bits a second each way, with a bucket of 64 KiB (tc-tbf(8)), so that there is a moment at
    /// which something happens in the middle of a transfer. What is there already is replaced.
    /// </summary>
    public void LimitRate(int megabitsPerSecond)
    {
        foreach (var name in (string[])[SenderName, ReceiverName])
        {
            Command.Run(
                "tc",
                "-n",
                name,
                "qdisc",
                "replace",
                "dev",
                name,
                "root",
                "tbf",
                "rate",
                string.Create(CultureInfo.InvariantCulture, $"{megabitsPerSecond}mbit"),
                "burst",
                "64kb",
                "latency",
                "50ms"
            );
        }
    }

    /// <summary>Takes the link down, so that whatever is sent is lost, or brings it up.</summary>
    public void SetLink(bool isUp) =>
        Command.Run("ip", "-n", SenderName, "link", "set", SenderName, isUp ? "up" : "down");

    /// <summary>Drops everything that goes one way, without a word to anybody, or lets it through again (nft(8)).</summary>
    public void SetLost(bool toReceiver, bool isLost)
    {
        var name = toReceiver ? SenderName : ReceiverName;
        if (isLost)
        {
            Nft(name, "add", "table", "inet", "cut");
            Nft(
                name,
                "add",
                "chain",
                "inet",
                "cut",
                "out",
                "{ type filter hook output priority 0; policy drop; }"
            );
        }
        else
        {
            Nft(name, "delete", "table", "inet", "cut");
        }
    }

    /// <summary>Removes both ends. Processes that still run in them keep running, without a network.</summary>
    public void Dispose()
    {
        Command.Try("ip", "netns", "delete", SenderName);
        Command.Try("ip", "netns", "delete", ReceiverName);
    }

    private static void Nft(string name, params string[] args) =>
        Command.Run("ip", ["netns", "exec", name, "nft", .. args]);

    private static void SetUp(string name, string address)
    {
        Command.Run("ip", "-n", name, "address", "add", $"{address}/24", "dev", name);
        Command.Run("ip", "-n", name, "link", "set", "lo", "up");
        Command.Run("ip", "-n", name, "link", "set", name, "up");

        // bbr, where it is the default, halves a link without delay. By route (ip-route(8), congctl), which works where
        // the setting of the namespace can not be changed. Where cubic is missing, the default stays.
        Command.Try(
            "ip",
            "-n",
            name,
            "route",
            "change",
            Subnet,
            "dev",
            name,
            "src",
            address,
            "scope",
            "link",
            "proto",
            "kernel",
            "congctl",
            "cubic"
        );
    }

    private long ReadCounter(string name) =>
        long.Parse(
            Command.Run(
                "ip",
                "netns",
                "exec",
                SenderName,
                "cat",
                $"/sys/class/net/{SenderName}/statistics/{name}"
            ),
            NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture
        );
}
