using System.Net.Sockets;
using System.Text;
using RsyncFs.SystemTests.Fixtures;

namespace RsyncFs.SystemTests.Systemd;

/// <summary>Stands in for the service manager: hears what a service says of itself.</summary>
internal sealed class NotifyListener : IAsyncDisposable
{
    private const UnixFileMode ForAll =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly Lock _gate = new();
    private readonly List<string> _said = [];
    private readonly Task _listening;

    /// <summary>Listens at a path, or in the abstract name space behind an <c>@</c>.</summary>
    public NotifyListener(string address)
    {
        Address = address;
        _socket.Bind(new UnixDomainSocketEndPoint(address.Replace('@', '\0')));
        if (address.StartsWith('/'))
        {
            File.SetUnixFileMode(address, ForAll);
        }

        _listening = ListenAsync();
    }

    /// <summary>What a service finds in NOTIFY_SOCKET.</summary>
    public string Address { get; }

    /// <summary>What it said so far, the lines of a watchdog left out.</summary>
    public IReadOnlyList<string> Said => [.. All().Where(said => said is not "WATCHDOG=1")];

    /// <summary>How often it said that it lives.</summary>
    public int AliveCount => All().Count(said => said is "WATCHDOG=1");

    /// <summary>Waits until it has said so much.</summary>
    public async Task<string> WaitForAsync(int count)
    {
        await Poll.UntilAsync(() => Said.Count >= count);
        return Said[count - 1];
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _listening;
    }

    private List<string> All()
    {
        lock (_gate)
        {
            return [.. _said];
        }
    }

    private async Task ListenAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var count = await _socket.ReceiveAsync(buffer);
                lock (_gate)
                {
                    _said.Add(Encoding.UTF8.GetString(buffer, 0, count));
                }
            }
        }
        catch (Exception over) when (over is SocketException or ObjectDisposedException)
        {
            // No longer listening.
        }
    }
}
