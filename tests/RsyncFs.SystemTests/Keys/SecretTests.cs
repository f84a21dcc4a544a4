using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Keys;

/// <summary>
/// What both ends print, at its longest and in each form, has no secret in it: neither a private key nor the seed of a
/// volume, by which blocks that collide could be made up.
/// </summary>
public sealed class SecretTests(ITestOutputHelper output)
{
    // So much of a key in a log is no accident: 72 bits.
    private const int ShortestPart = 12;

    [Theory]
    [InlineData("human")]
    [InlineData("logfmt")]
    [InlineData("json")]
    public async Task NothingThatIsPrintedHasAKeyOrASeedInIt(string logFormat)
    {
        string[] form = ["-vv", "--log-format", logFormat];
        await using var scene = new KeyScene();
        await scene.PairAsync();
        // Its form is the one by which it is known to listen.
        await scene.ServeAsync("-vv");
        var said = new StringBuilder();
        string[][] lines =
        [
            scene.Line("sync", form),
            scene.Line("sync", form),
            scene.Line("verify", form),
            ["sync", scene.Source, scene.UrlAt(scene.Port), "--state", scene.SenderState, .. form],
            // Refused, by name.
            ["sync", scene.Source, scene.UrlAt(scene.Port, "db02"), "--state", scene.SenderState, .. form],
            ["target", "list", "--state", scene.ReceiverState, "--json"],
            ["target", "show", "db01", "--state", scene.ReceiverState, "--json"],
            ["target", "show", "db01", "--state", scene.ReceiverState],
            ["key", "show", "--state", scene.ReceiverState],
            ["key", "show", "--state", scene.SenderState, "--json"],
            ["peer", "list", "--state", scene.ReceiverState, "--json"],
            ["peer", "list", "--state", scene.ReceiverState],
        ];
        foreach (var line in lines)
        {
            new RandomContent(6).WriteTo(scene.Source, 0, 65536);
            said.Append(await KeyScene.Program.RunAsync(line));
        }

        // Neither will be understood.
        var port = scene.Port.ToString(CultureInfo.InvariantCulture);
        var plain = $"rsyncfs+tcp://127.0.0.1:{port}/db01";
        string[] refused = ["sync", scene.Source, plain, "--state", scene.SenderState, .. form];
        said.Append(await KeyScene.Program.RunAsync(refused));
        await scene.PeerAsync("remove", "web1");
        said.Append(await KeyScene.Program.RunAsync(scene.Line("sync", form)));
        scene.Receiver.Signal("USR1");
        said.Append(await scene.Receiver.StopAsync());

        var all = said.ToString();
        Assert.Contains("key-unknown", all, StringComparison.Ordinal);
        Assert.Contains("web1", all, StringComparison.Ordinal);
        var secrets = SecretsOf(scene).ToList();
        output.WriteLine($"{all.Length} characters, {secrets.Count} secrets");
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, all, StringComparison.OrdinalIgnoreCase));
    }

    private static IEnumerable<string> SecretsOf(KeyScene scene)
    {
        foreach (var state in new[] { scene.SenderState, scene.ReceiverState })
        {
            var lines = File.ReadAllLines(Path.Combine(state, "node.key"));
            var key = string.Concat(
                lines
                    .SkipWhile(line => !line.Contains("PRIVATE KEY", StringComparison.Ordinal))
                    .Skip(1)
                    .TakeWhile(line => !line.StartsWith('-'))
            );
            Assert.True(key.Length > 100, "no private key was found");
            // Behind what says that it is one, and of which curve (RFC 5208, RFC 5915).
            for (var at = 48; at < 84; at += ShortestPart)
            {
                yield return key.Substring(at, ShortestPart);
            }

            var scalar = Convert.FromBase64String(key)[36..68];
            yield return Convert.ToHexString(scalar, 0, 8);
            yield return Convert.ToHexString(scalar, 24, 8);
        }

        var record = TargetOnDisk.TryRead(Path.Combine(scene.ReceiverState, "targets", "db01", "state"));
        var seed = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(seed, record!.Seed);
        Assert.NotEqual(0UL, record.Seed);
        yield return record.Seed.ToString(CultureInfo.InvariantCulture);
        yield return ((long)record.Seed).ToString(CultureInfo.InvariantCulture);
        yield return record.Seed.ToString("x", CultureInfo.InvariantCulture);
        yield return Convert.ToHexString(seed);
        yield return Convert.ToBase64String(seed).TrimEnd('=');
    }
}
