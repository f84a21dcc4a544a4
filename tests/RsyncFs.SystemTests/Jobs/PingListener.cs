using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RsyncFs.SystemTests.Jobs;

/// <summary>A server of HTTP on this machine that remembers what it was asked, and answers as it is told.</summary>
internal sealed class PingListener : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly Action<HttpListenerContext> _answer;

    /// <summary>Listens.</summary>
    /// <param name="answer">Fills in the answer, which is sent then.</param>
    public PingListener(Action<HttpListenerContext> answer)
    {
        _answer = answer;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Port = ((IPEndPoint)free.LocalEndpoint).Port;
        }

        _listener.Prefixes.Add(At("/"));
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>What it was asked: method, path and body.</summary>
    public IReadOnlyCollection<string> Asked => _asked;

    /// <summary>The address of a path.</summary>
    public string At(string path) =>
        string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}{path}");

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var body = new StreamReader(context.Request.InputStream);
                _asked.Enqueue(
                    $"{context.Request.HttpMethod} {context.Request.RawUrl} {await body.ReadToEndAsync()}".TrimEnd()
                );
                _answer(context);
                context.Response.Close();
            }
        }
        catch (Exception gone) when (gone is HttpListenerException or ObjectDisposedException)
        {
            // That is how it ends.
        }
    }
}
