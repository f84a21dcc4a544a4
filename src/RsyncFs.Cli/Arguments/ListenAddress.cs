using System.Net;

namespace RsyncFs.Cli.Arguments;

/// <summary>Where <c>serve</c> waits for senders: <c>HOST:PORT</c>, <c>[::1]:PORT</c> or <c>:PORT</c> for every address.</summary>
/// <param name="Host">A name or an address without brackets; empty for every address of the machine.</param>
/// <param name="Port">The port; 0 lets the system choose one, which is then printed.</param>
internal sealed record ListenAddress(string Host, int Port)
{
    /// <summary>Reads an address; without a port it is 8730.</summary>
    /// <exception cref="Errors.RsyncFsException">It is none.</exception>
    public static ListenAddress Parse(string text)
    {
        if (text.Length == 0)
        {
            throw UsageError.Of(
                "the address to listen on is empty",
                "write 127.0.0.1:8730, [::1]:8730, or :8730 for every address"
            );
        }

        var parsed = HostAndPort.Parse(text);
        return new ListenAddress(parsed.Host, parsed.Port);
    }

    /// <summary>True if only this machine can reach it.</summary>
    public bool IsLoopback =>
        string.Equals(Host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>As it is written, the port always.</summary>
    public override string ToString() => new HostAndPort(Host, Port).ToString();
}
