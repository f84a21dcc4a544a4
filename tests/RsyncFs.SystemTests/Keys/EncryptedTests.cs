using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Keys;

/// <summary>Two processes that know each other by their keys; and others that do not.</summary>
public sealed class EncryptedTests(ITestOutputHelper output)
{
    [Fact]
    public async Task ACopyAndAnUpdateGoWithoutAWordInTheClear()
    {
        var marker = Encoding.ASCII.GetBytes("nobody but the two ends reads this");
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        await using (var file = File.OpenWrite(scene.Source))
        {
            file.Position = 4096;
            file.Write(marker);
        }

        await using var wire = new Wiretap(scene.Port);
        string[] line = [.. scene.Line("sync")];
        line[2] = scene.UrlAt(wire.Port);
        await KeyScene.Program.RunOkAsync(line);
        Verdict.Same(scene.Source, scene.Target);
        new RandomContent(2).WriteTo(scene.Source, 1024 * 1024, 65536);
        await KeyScene.Program.RunOkAsync(line);
        Verdict.Same(scene.Source, scene.Target);
        var seen = wire.Seen();
        Assert.True(seen.Length > KeyScene.ImageBytes);
        Assert.Equal(-1, seen.AsSpan().IndexOf(marker));
        // What every Hello holds.
        Assert.Equal(-1, seen.AsSpan().IndexOf("RSFS\r\n\u001A\n"u8));
        Assert.Equal(-1, seen.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Software.Name)));

        // What was heard is of no use to who plays it again.
        var before = scene.TargetHash();
        await ReplayAsync(scene.Port, wire.SeenFromSender());
        Assert.Equal(before, scene.TargetHash());
        await scene.SyncAsync();
    }

    [Fact]
    public async Task ASenderThatIsNotKnownIsToldItsKeyAndTheCommandAndNothingElse()
    {
        await using var scene = new KeyScene();
        var receiver = await KeyScene.GenerateAsync(scene.ReceiverState);
        var sender = await KeyScene.GenerateAsync(scene.SenderState);
        await scene.ServeAsync();
        foreach (var target in new[] { "db01", "db02" })
        {
            var error = await KeyScene.FailAsync(
                "key-unknown",
                6,
                "sync",
                scene.Source,
                scene.UrlAt(scene.Port, target),
                "--pin",
                receiver,
                "--json",
                "--state",
                scene.SenderState
            );
            output.WriteLine(error);
            Assert.Contains($"rsyncfs peer add NAME {sender}", error, StringComparison.Ordinal);
            Assert.DoesNotContain(scene.ReceiverState, error, StringComparison.Ordinal);
        }

        // What the stranger is not told stands in the receiver's own log.
        await scene.Receiver.WaitForErrorLineAsync(
            $"rsyncfs peer add NAME {sender} --allow TARGET=write,verify --state {scene.ReceiverState}; and init"
        );
        scene.AssertUntouched();
        // As soon as it is known, without a reload.
        await KeyScene.Program.RunOkAsync(
            "peer",
            "add",
            "web1",
            sender,
            "--allow",
            "db01=write,init",
            "--state",
            scene.ReceiverState
        );
        await scene.SyncAsync("--pin", receiver);
        Verdict.Same(scene.Source, scene.Target);
    }

    [Fact]
    public async Task NothingIsSentToAReceiverThatIsNotKnownOrNotTheOneThatWas()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        var another = await KeyScene.GenerateAsync(Path.Combine(scene.SenderState, "another"));
        var error = await KeyScene.FailAsync("key-mismatch", 6, scene.Line("sync", "--pin", another));
        Assert.Contains("nothing was sent", error, StringComparison.Ordinal);

        await KeyScene.Program.RunOkAsync("peer", "remove", "127.0.0.1", "--state", scene.SenderState);
        error = await KeyScene.FailAsync("key-unknown", 6, scene.Line("sync"));
        output.WriteLine(error);
        Assert.Contains("rsyncfs peer add 127.0.0.1 rfk1:", error, StringComparison.Ordinal);
        scene.AssertUntouched();
    }

    /// <summary>Two receivers of one host have a key each: the one by its port goes before the one by its host.</summary>
    [Fact]
    public async Task AReceiverIsKnownByItsPortOrElseByItsHost()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        var key = (
            await KeyScene.Program.RunOkAsync("key", "show", "--state", scene.ReceiverState)
        ).Output.Trim();
        var another = await KeyScene.GenerateAsync(Path.Combine(scene.SenderState, "another"));
        string[] state = ["--state", scene.SenderState];
        await KeyScene.Program.RunOkAsync(["peer", "add", "127.0.0.1", another, .. state]);
        var byPort = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{scene.Port}");
        var error = await KeyScene.FailAsync("key-mismatch", 6, scene.Line("sync"));
        Assert.Contains(
            $"another receiver of that host: rsyncfs peer add {byPort} {key} --state {scene.SenderState};",
            error,
            StringComparison.Ordinal
        );
        await KeyScene.Program.RunOkAsync(["peer", "add", byPort, key, .. state]);
        await scene.SyncAsync();
        Verdict.Same(scene.Source, scene.Target);

        // And not the other way round.
        await KeyScene.Program.RunOkAsync(["peer", "remove", "127.0.0.1", .. state]);
        await KeyScene.Program.RunOkAsync(["peer", "add", byPort, another, .. state]);
        await KeyScene.Program.RunOkAsync(["peer", "add", "127.0.0.1", key, .. state]);
        error = await KeyScene.FailAsync("key-mismatch", 6, scene.Line("sync"));
        Assert.Contains($"rsyncfs peer add {byPort} {key} --state", error, StringComparison.Ordinal);
        Assert.DoesNotContain("another receiver", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AKeyDoesWhatItsRightsAllowAndLearnsNoName()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync(rights: "");
        await scene.ServeAsync();
        var there = await KeyScene.FailAsync("access-denied", 6, scene.Line("sync"));
        string[] line = [.. scene.Line("sync")];
        line[2] = scene.UrlAt(scene.Port, "db02");
        var missing = await KeyScene.FailAsync("access-denied", 6, line);
        Assert.Equal(Plain(there), Plain(missing).Replace("db02", "db01", StringComparison.Ordinal));

        await scene.AllowAsync("db01=verify");
        await KeyScene.FailAsync("access-denied", 6, scene.Line("sync"));
        // No first copy without init, though the receiver allows it for the target.
        await scene.AllowAsync("db01=write");
        Assert.Contains(
            "'init'",
            await KeyScene.FailAsync("access-denied", 6, scene.Line("sync")),
            StringComparison.Ordinal
        );
        scene.AssertUntouched();
        await scene.AllowAsync("db01=write,init");
        await scene.SyncAsync();
        Verdict.Same(scene.Source, scene.Target);

        await scene.AllowAsync("db01=verify");
        var said = await KeyScene.Program.RunAsync(scene.Line("verify"));
        Assert.True(said.ExitCode == 0, said.ToString());
        await KeyScene.FailAsync("access-denied", 6, scene.Line("sync"));
    }

    /// <summary>By the name that the receiver has for its key; its own name of itself proves nothing.</summary>
    [Fact]
    public async Task WhoIsAtWorkIsNamedByItsKey()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        await scene.SyncAsync();
        var key = (
            await KeyScene.Program.RunOkAsync("key", "show", "--state", scene.SenderState)
        ).Output.Trim();
        var line = await scene.Receiver.WaitForErrorLineAsync("→ db01: at ");
        Assert.StartsWith("rsyncfs: web1 (\"", line, StringComparison.Ordinal);
        Assert.Contains($", {key}) → db01", line, StringComparison.Ordinal);
        await using var sender = await scene.StopHalfWayAsync();
        string[] state = ["--state", scene.ReceiverState];
        var shown = await KeyScene.Program.RunOkAsync(["target", "show", "db01", .. state]);
        Assert.Matches("served +yes, web1 \\(\"[^\"]+\", 127.0.0.1:[0-9]+\\) is at work", shown.Output);
        shown = await KeyScene.Program.RunOkAsync(["target", "show", "db01", "--json", .. state]);
        Assert.Contains(
            $"\"peer_name\":\"web1\",\"peer_key\":\"{key}\"",
            shown.Output,
            StringComparison.Ordinal
        );
        var busy = await KeyScene.Program.RunAsync(["target", "promote", "db01", .. state]);
        Assert.Matches("cause  web1 \\(\"[^\"]+\", 127.0.0.1:[0-9]+\\) is connected", busy.Error);
    }

    /// <summary>Whoever has an account there, or a tunnel, would have every right.</summary>
    [Fact]
    public async Task WhereThereIsAKeyNobodyComesWithoutOneThoughItBeFromTheSameMachine()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        string[] line = [.. scene.Line("sync")];
        line[2] = line[2].Replace("rsyncfs://", "rsyncfs+tcp://", StringComparison.Ordinal);
        Assert.Contains(
            "send to rsyncfs://",
            await KeyScene.FailAsync("plaintext-refused", 6, line),
            StringComparison.Ordinal
        );
        scene.AssertUntouched();
    }

    /// <summary>A certificate may name an address at which its issuer is to be found. Whoever shows it could name any.</summary>
    [Fact]
    public async Task NobodyIsAskedWhoIssuedACertificate()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        using var asked = new TcpListener(IPAddress.Loopback, 0);
        asked.Start();
        using var issuer = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=stranger", pair, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509AuthorityInformationAccessExtension([], [$"http://{asked.LocalEndpoint}/issuer"])
        );
        using var signed = request.Create(
            new X500DistinguishedName("CN=somebody else"),
            X509SignatureGenerator.CreateForECDsa(issuer),
            DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch.AddYears(100),
            [1]
        );
        using var certificate = signed.CopyWithPrivateKey(pair);
        Assert.Contains("key-unknown", await SayAsync(scene.Port, certificate), StringComparison.Ordinal);
        Assert.False(asked.Pending());
    }

    /// <summary>Who comes without a key, or with one that is not known, gets no further than being told so.</summary>
    [Fact]
    public async Task WithoutAKeyThatIsKnownNobodyGetsIn()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        var refusal = await SayAsync(scene.Port, certificate: null);
        Assert.Contains("key-unknown", refusal, StringComparison.Ordinal);
        Assert.Contains("it showed none", refusal, StringComparison.Ordinal);

        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=rsyncfs", pair, HashAlgorithmName.SHA256);
        // Its dates are of no account: what is refused is that its key is not known.
        using var expired = request.CreateSelfSigned(
            DateTimeOffset.UnixEpoch,
            DateTimeOffset.UnixEpoch.AddDays(1)
        );
        refusal = await SayAsync(scene.Port, expired);
        Assert.Contains("key-unknown", refusal, StringComparison.Ordinal);

        scene.AssertUntouched();
        await scene.SyncAsync();
    }

    [Fact]
    public async Task OneThatIsNoReceiverIsNotWaitedForLong()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        string[] line = [.. scene.Line("sync")];
        line[2] = scene.UrlAt(((IPEndPoint)silent.LocalEndpoint).Port);
        await KeyScene.FailAsync("stalled", 5, line);
    }

    /// <summary>The error without what differs from run to run.</summary>
    private static string Plain(string error) => error[error.IndexOf("\"id\"", StringComparison.Ordinal)..];

    /// <summary>Shakes hands, says nothing, and gives what the receiver says.</summary>
    private static async Task<string> SayAsync(int port, X509Certificate2? certificate)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var tls = new SslStream(client.GetStream());
#pragma warning disable CA5359 // A stranger does not care whom it talks to.
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "",
                RemoteCertificateValidationCallback = (_, _, _, _) => true,
                EnabledSslProtocols = SslProtocols.Tls13,
                // Offline: it must not be this end that looks for the issuer.
                ClientCertificateContext = certificate is null
                    ? null
                    : SslStreamCertificateContext.Create(
                        certificate,
                        additionalCertificates: null,
                        offline: true
                    ),
                ApplicationProtocols = [new SslApplicationProtocol("rsyncfs/1")],
            }
        );
#pragma warning restore CA5359
        using var said = new MemoryStream();
        try
        {
            await tls.CopyToAsync(said);
        }
        catch (IOException)
        {
            // Cut, instead of closed.
        }

        return Encoding.UTF8.GetString(said.ToArray());
    }

    private static async Task ReplayAsync(int port, byte[] bytes)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        try
        {
            await client.GetStream().WriteAsync(bytes);
            using var said = new MemoryStream();
            await client.GetStream().CopyToAsync(said);
        }
        catch (IOException)
        {
            // It does not have to listen to the end.
        }
    }
}
