using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Keys;

/// <summary>
/// A sender and a receiver that know each other, and somebody on the line between them: whatever is done to what they
/// say, the run ends with an error, and the target stays what it was.
/// </summary>
public sealed class TlsTests(ITestOutputHelper output)
{
    // Records of either end before the first of the session: hello, and what comes encrypted of the handshake.
    private const int SenderHandshakeRecords = 4;
    private const int ReceiverHandshakeRecords = 7;

    // Well inside of the delta, which has hundreds.
    private const int DataRecord = 40;

    /// <summary>Name of the attack, whether it is on what the sender says, and which record it is on.</summary>
    private static readonly (
        string Attack,
        bool IsOnSender,
        int Index,
        string Id,
        int ExitCode
    )[] s_attacks =
    [
        ("flip the last bit", true, 0, "tls-failed", 14),
        ("flip the last bit", false, 0, "tls-failed", 14),
        ("flip the last bit", false, 2, "tls-failed", 14),
        ("double", true, 0, "connection-lost", 5),
        ("flip the last bit", true, 2, "connection-lost", 5),
        ("flip the last bit", true, SenderHandshakeRecords, "connection-lost", 5),
        ("drop", true, SenderHandshakeRecords, "connection-lost", 5),
        ("double", true, SenderHandshakeRecords, "connection-lost", 5),
        ("flip the last bit", true, DataRecord, "connection-lost", 5),
        ("double", true, DataRecord, "connection-lost", 5),
        ("drop", true, DataRecord, "connection-lost", 5),
        ("swap with the next", true, DataRecord, "connection-lost", 5),
        ("repeat an earlier one", true, DataRecord, "connection-lost", 5),
        ("shorten", true, DataRecord, "connection-lost", 5),
        ("say that it is an alert", true, DataRecord, "connection-lost", 5),
        ("forge one before it", true, DataRecord, "connection-lost", 5),
        ("forge a goodbye before it", true, DataRecord, "connection-lost", 5),
        ("flip the last bit", false, ReceiverHandshakeRecords, "connection-lost", 5),
        ("double", false, ReceiverHandshakeRecords, "connection-lost", 5),
        ("forge a goodbye before it", false, ReceiverHandshakeRecords, "connection-lost", 5),
    ];

    [Fact]
    public async Task WhoeverChangesRepeatsReordersOrForgesARecordEndsTheRun()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        await scene.SyncAsync();
        new RandomContent(2).WriteTo(scene.Source, 0, KeyScene.ImageBytes);
        var before = scene.TargetHash();
        var ends = new List<(string Attack, bool IsOnSender, int Index, string Id, int ExitCode)>();
        foreach (var (attack, isOnSender, index, _, _) in s_attacks)
        {
            await using var meddler = new RecordMeddler(scene.Port, Meddle(attack, isOnSender, index));
            var said = await KeyScene.Program.RunAsync(LineTo(scene, meddler.Port));
            var id = RunEvents.Of(said, "error")[^1].GetProperty("id").GetString()!;
            output.WriteLine(
                $"{attack}, {(isOnSender ? "sender" : "receiver")} {index}: {id} {said.ExitCode}"
            );
            ends.Add((attack, isOnSender, index, id, said.ExitCode));
            Assert.Equal(before, scene.TargetHash());
        }

        Assert.Equal(s_attacks, ends);
        await scene.SyncAsync();
        Verdict.Same(scene.Source, scene.Target);
    }

    [Fact]
    public async Task AStreamThatIsCutAnywhereInItsFirstRecordsIsNoRun()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        foreach (var (isSender, bytes) in await CutsAsync(scene))
        {
            output.WriteLine($"{(isSender ? "sender" : "receiver")} cut after {bytes} bytes");
            await using var cut = RecordMeddler.CutAfter(scene.Port, isSender, bytes);
            await FailAtAsync(scene, cut.Port, "connection-lost", 5);
            scene.AssertUntouched();
        }

        await scene.SyncAsync();
        Verdict.Same(scene.Source, scene.Target);
    }

    [Fact]
    public async Task AHandshakeThatComesByteByByteIsTakenAndOneThatTakesTooLongIsNot()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        await using (var slow = new Trickle(scene.Port, TimeSpan.FromMilliseconds(100)))
        {
            await FailAtAsync(scene, slow.Port, "stalled", 5);
            await scene.Receiver.WaitForErrorLineAsync("nobody said who is there within 10 seconds");
            scene.AssertUntouched();
        }

        await using var quick = new Trickle(scene.Port, pause: null);
        await KeyScene.Program.RunOkAsync(LineTo(scene, quick.Port));
        Verdict.Same(scene.Source, scene.Target);
    }

    /// <summary>Each session has keys of its own: what is said in one is nothing in another, though all four ends know each other.</summary>
    [Fact]
    public async Task TwoSessionsWhoseLinesAreCrossedBothEnd()
    {
        await using var one = new KeyScene();
        await using var other = new KeyScene();
        foreach (var scene in new[] { one, other })
        {
            await scene.PairAsync();
            await scene.ServeAsync();
            await scene.SyncAsync();
            new RandomContent(2).WriteTo(scene.Source, 0, KeyScene.ImageBytes);
        }

        string[] before = [one.TargetHash(), other.TargetHash()];
        await using (var wires = new CrossedWires([one.Port, other.Port], DataRecord))
        {
            await Task.WhenAll(
                FailAtAsync(one, wires.PortOf(0), "connection-lost", 5),
                FailAtAsync(other, wires.PortOf(1), "connection-lost", 5)
            );
        }

        Assert.Equal((before[0], before[1]), (one.TargetHash(), other.TargetHash()));
        foreach (var scene in new[] { one, other })
        {
            await scene.SyncAsync();
            Verdict.Same(scene.Source, scene.Target);
        }
    }

    /// <summary>Who may connect is what the lists say; a clock that is wrong, or a date, locks nobody out.</summary>
    [Fact]
    public async Task KeysThatAreKnownCountWhateverTheDatesOfTheirCertificatesAre()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        Certify(scene.SenderState, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
        Certify(
            scene.ReceiverState,
            DateTimeOffset.UnixEpoch.AddYears(200),
            DateTimeOffset.UnixEpoch.AddYears(201)
        );
        await scene.ServeAsync();
        await scene.SyncAsync();
        Verdict.Same(scene.Source, scene.Target);
    }

    /// <summary>Else whoever was known once could come in without showing a key, or with another's rights.</summary>
    [Fact]
    public async Task NoSessionIsResumed()
    {
        await using var scene = new KeyScene();
        await scene.PairAsync();
        await scene.ServeAsync();
        await KeyScene.Program.RunOkAsync("peer", "remove", "web1", "--state", scene.ReceiverState);
        var key = Path.Combine(scene.SenderState, "node.key");
        var ticket = Path.Combine(scene.SenderState, "ticket");
        // OpenSSL gives tickets all the same. It stays until it was told that it is not known: then they have come.
        // The frame that tells it so is no text, and would be in this test's report.
        foreach (var option in new[] { "-sess_out", "-sess_in" })
        {
            var said = Command.Run(
                "sh",
                "-ec",
                $"openssl s_client -connect 127.0.0.1:{scene.Port} -tls1_3 -alpn rsyncfs/1 -cert {key} -key {key} "
                    + $"{option} {ticket} -ign_eof </dev/null 2>&1 | tr -cd '\\n -~'"
            );
            output.WriteLine(said);
            Assert.True(File.Exists(ticket), "there is nothing to resume with");
            Assert.Contains("key-unknown", said, StringComparison.Ordinal);
            Assert.Contains("New, TLSv1.3", said, StringComparison.Ordinal);
            Assert.DoesNotContain("Reused", said, StringComparison.Ordinal);
        }
    }

    private static Func<bool, int, byte[], IEnumerable<byte[]?>> Meddle(
        string attack,
        bool isOnSender,
        int index
    )
    {
        byte[]? kept = null;
        return (isFromSender, at, record) =>
        {
            if (isFromSender != isOnSender)
            {
                return [record];
            }

            if (at == index - 1)
            {
                kept = record;
            }

            if (at == index + 1 && attack is "swap with the next")
            {
                return [record, kept];
            }

            return at == index ? Changed(attack, record, ref kept) : [record];
        };
    }

    private static IEnumerable<byte[]?> Changed(string attack, byte[] record, ref byte[]? kept)
    {
        switch (attack)
        {
            case "flip the last bit":
                record[^1] ^= 1;
                return [record];
            case "double":
                return [record, record];
            case "drop":
                return [];
            case "swap with the next":
                kept = record;
                return [];
            case "repeat an earlier one":
                return [kept, record];
            case "shorten":
                return [TlsRecord.Make(record[0], record.AsSpan(5, record.Length - 6))];
            case "say that it is an alert":
                record[0] = TlsRecord.Alert;
                return [record];
            case "forge one before it":
                return [TlsRecord.Make(TlsRecord.ApplicationData, new byte[100]), record];
            default:
                // close_notify, which would end the stream properly: a cut that looks like none (RFC 8446, 6.1).
                return [TlsRecord.Make(TlsRecord.Alert, 1, 0), record];
        }
    }

    /// <summary>Places at the ends of the first records of either end, and inside of them.</summary>
    private static async Task<List<(bool IsSender, int Bytes)>> CutsAsync(KeyScene scene)
    {
        var (fromSender, fromReceiver) = (new List<int>(), new List<int>());
        var meddler = new RecordMeddler(
            scene.Port,
            (isFromSender, _, record) =>
            {
                var lengths = isFromSender ? fromSender : fromReceiver;
                lock (lengths)
                {
                    lengths.Add(record.Length);
                }

                return [record];
            }
        );
        await using (meddler)
        {
            // Compares, so that nothing is written.
            string[] line = [.. scene.Line("verify")];
            line[2] = scene.UrlAt(meddler.Port);
            Assert.Equal(10, (await KeyScene.Program.RunAsync(line)).ExitCode);
        }

        return
        [
            .. CutsOf(true, fromSender, SenderHandshakeRecords + 2),
            .. CutsOf(false, fromReceiver, ReceiverHandshakeRecords + 1),
        ];
    }

    private static IEnumerable<(bool, int)> CutsOf(bool isSender, List<int> lengths, int count)
    {
        var end = 0;
        foreach (var length in lengths.Take(count))
        {
            yield return (isSender, end);
            yield return (isSender, end + (length / 2));
            end += length;
        }
    }

    private static void Certify(string state, DateTimeOffset from, DateTimeOffset to)
    {
        var path = Path.Combine(state, "node.key");
        using var pair = ECDsa.Create();
        pair.ImportFromPem(File.ReadAllText(path));
        var request = new CertificateRequest("CN=rsyncfs", pair, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(from, to);
        File.WriteAllText(path, $"{pair.ExportPkcs8PrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n");
    }

    private static string[] LineTo(KeyScene scene, int port)
    {
        string[] line = [.. scene.Line("sync")];
        line[2] = scene.UrlAt(port);
        return line;
    }

    private static Task<string> FailAtAsync(KeyScene scene, int port, string id, int exitCode) =>
        KeyScene.FailAsync(id, exitCode, LineTo(scene, port));
}
