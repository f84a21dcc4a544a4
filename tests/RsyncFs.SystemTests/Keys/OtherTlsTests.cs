using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Keys;

/// <summary>Peers that speak another TLS than rsyncfs does, or another protocol within it, or other groups.</summary>
public sealed class OtherTlsTests(ITestOutputHelper output)
{
    private const string NoConnection = "no encrypted connection came to be";
    private const string NotOurs = "it speaks TLS, and not the protocol of rsyncfs";

    // RFC 8446, 4.1.3: the random of a ServerHello that asks for another ClientHello.
    private static readonly byte[] s_helloRetryRequest = Convert.FromHexString(
        "CF21AD74E59A6111BE1D8C021E65B891C2A211167ABB8C5E079E09E2C8A8339C"
    );

    /// <summary>Alerts: RFC 8446, 6.2; protocol_version is 70, no_application_protocol 120.</summary>
    [Theory]
    [InlineData("-tls1_2 -alpn rsyncfs/1", "SSL alert number 70", "unsupported protocol")]
    [InlineData("-tls1_3 -alpn h2", "SSL alert number 120", "no application protocol")]
    [InlineData("-tls1_3", null, NotOurs)]
    public async Task AReceiverLetsNobodyInWhoSpeaksAnotherTls(string options, string? alert, string cause)
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        // By a key that is known: it must not be for that.
        var key = Path.Combine(scene.SenderState, "node.key");
        var client = Command.Try(
            "sh",
            "-c",
            $"openssl s_client -connect 127.0.0.1:{scene.Port} -quiet -cert {key} -key {key} {options} </dev/null"
        );
        output.WriteLine(client.ToString());
        Assert.Equal("", client.Output);
        Assert.Equal(alert is null, !client.Error.Contains("SSL alert number", StringComparison.Ordinal));
        Assert.Contains(alert ?? "", client.Error, StringComparison.Ordinal);
        await AssertLoggedAsync(scene, cause);
        scene.AssertUntouched();
        await scene.SyncAsync();
        Verdict.Same(scene.Source, scene.Target);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, "rsyncfs/1", "tlsv1 alert protocol version")]
    [InlineData(SslProtocols.Tls13, "h2", "tlsv1 alert no application protocol")]
    [InlineData(SslProtocols.Tls13, null, NotOurs)]
    public async Task ASenderSaysNothingToWhoeverSpeaksAnotherTls(
        SslProtocols version,
        string? protocol,
        string cause
    )
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var server = AnswerAsync(listener, Path.Combine(scene.ReceiverState, "node.key"), version, protocol);
        string[] line = [.. scene.Line("sync")];
        line[2] = scene.UrlAt(((IPEndPoint)listener.LocalEndpoint).Port);
        AssertTlsFailed(await KeyScene.Program.RunAsync(line), cause);
        Assert.Equal(0, await server);
    }

    /// <summary>A group is what keys are agreed upon in. The first that a sender tries may not be one of the receiver's.</summary>
    [Fact]
    public async Task AHandshakeThatBeginsAnewForAnotherGroupIsTaken()
    {
        using var directory = new TemporaryDirectory();
        await using var scene = new KeyScene { ReceiverProgram = WithGroups(directory, "P-384") };
        await scene.PairAsync();
        await scene.ServeAsync();
        await using var wire = new Wiretap(scene.Port);
        string[] line = [.. scene.Line("sync")];
        line[2] = scene.UrlAt(wire.Port);
        await KeyScene.Program.RunOkAsync(line);
        Verdict.Same(scene.Source, scene.Target);

        const int RecordHeader = 5;
        const int HandshakeHeader = 4;
        const int Version = 2;
        Assert.Equal(
            s_helloRetryRequest,
            wire.SeenFromReceiver()
                .Skip(RecordHeader + HandshakeHeader + Version)
                .Take(s_helloRetryRequest.Length)
        );
    }

    [Fact]
    public async Task TwoThatHaveNoGroupInCommonBothSaySo()
    {
        using var directory = new TemporaryDirectory();
        await using var scene = new KeyScene { ReceiverProgram = WithGroups(directory, "P-384") };
        await scene.PairAsync();
        await scene.ServeAsync();
        var said = await WithGroups(directory, "P-256").RunAsync(scene.Line("sync"));
        AssertTlsFailed(said, "sslv3 alert handshake failure");
        await AssertLoggedAsync(scene, "no suitable key share");
        scene.AssertUntouched();
        await scene.SyncAsync();
        Verdict.Same(scene.Source, scene.Target);
    }

    /// <summary>The program with a configuration of OpenSSL by which these groups are all that it has.</summary>
    private static RsyncFsProgram WithGroups(TemporaryDirectory directory, string groups)
    {
        var path = directory.At(groups);
        File.WriteAllText(
            path,
            $"""
            openssl_conf = init
            [init]
            ssl_conf = ssl
            [ssl]
            system_default = all
            [all]
            Groups = {groups}
            """
        );
        return KeyScene.Program.After("env", $"OPENSSL_CONF={path}");
    }

    /// <summary>Shakes hands with the receiver's key; gives how much was said behind that.</summary>
    private static async Task<int> AnswerAsync(
        TcpListener listener,
        string keyPath,
        SslProtocols version,
        string? protocol
    )
    {
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        using var certificate = X509Certificate2.CreateFromPemFile(keyPath);
        await using var tls = new SslStream(client.GetStream());
        try
        {
#pragma warning disable CA5359 // Whoever comes is welcome.
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificate = certificate,
                    ClientCertificateRequired = true,
                    RemoteCertificateValidationCallback = (_, _, _, _) => true,
                    EnabledSslProtocols = version,
                    ApplicationProtocols = protocol is null ? null : [new SslApplicationProtocol(protocol)],
                },
                TestContext.Current.CancellationToken
            );
#pragma warning restore CA5359
            return await tls.ReadAsync(new byte[1], TestContext.Current.CancellationToken);
        }
        catch (Exception cut) when (cut is IOException or AuthenticationException)
        {
            return 0;
        }
    }

    private void AssertTlsFailed(ProgramResult said, string cause)
    {
        output.WriteLine(said.ToString());
        Assert.Equal(14, said.ExitCode);
        var error = Assert.Single(RunEvents.Of(said, "error"));
        Assert.Equal("tls-failed", error.GetProperty("id").GetString());
        Assert.Equal(NoConnection, error.GetProperty("message").GetString());
        Assert.EndsWith(cause, error.GetProperty("cause").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            "is there an 'rsyncfs serve' with a key (rsyncfs key show)? TLS 1.3 is needed",
            error.GetProperty("hint").GetString()
        );
    }

    private async Task AssertLoggedAsync(KeyScene scene, string cause)
    {
        const string Hint =
            "  hint   nobody belongs there but 'rsyncfs sync' and 'verify' to rsyncfs://; TLS 1.3 is needed";
        await scene.Receiver.WaitForErrorLineAsync(Hint);
        var log = scene.Receiver.ErrorSoFar.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^4..];
        output.WriteLine(string.Join('\n', log));
        Assert.Equal($"rsyncfs: error: {NoConnection} [tls-failed]", log[0]);
        Assert.StartsWith("  where  127.0.0.1:", log[1], StringComparison.Ordinal);
        Assert.StartsWith("  cause  ", log[2], StringComparison.Ordinal);
        Assert.EndsWith(cause, log[2], StringComparison.Ordinal);
        Assert.Equal(Hint, log[3]);
    }
}
