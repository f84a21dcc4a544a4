using System.Net.Sockets;
using System.Text;

namespace RsyncFs.Linux.Systemd;

/// <summary>Where a service manager hears of its services: datagrams of lines <c>NAME=VALUE</c>, sd_notify(3).</summary>
internal sealed class NotifySocket
{
    // A manager that does not read is not waited for.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly UnixDomainSocketEndPoint _address;

    private NotifySocket(UnixDomainSocketEndPoint address)
    {
        _address = address;
    }

    /// <summary>The socket at an absolute path, or in the abstract name space behind an <c>@</c>; null for anything else.</summary>
    public static NotifySocket? TryAt(string? address)
    {
        if (address is not (['/', _, ..] or ['@', _, ..]))
        {
            return null;
        }

        try
        {
            // unix(7): a name in the abstract name space begins with a zero byte.
            return new NotifySocket(new(address[0] == '@' ? '\0' + address[1..] : address));
        }
        catch (ArgumentException)
        {
            // Too long for a socket: nobody listens there.
            return null;
        }
    }

    /// <summary>Says it. Whether anybody hears it makes no difference.</summary>
    public void Send(string lines)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTimeout = (int)Patience.TotalMilliseconds;
            socket.SendTo(Encoding.UTF8.GetBytes(lines), _address);
        }
        catch (SocketException)
        {
            // The manager is gone, or does not read. It draws its own conclusions.
        }
    }
}
