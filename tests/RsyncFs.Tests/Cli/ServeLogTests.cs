using System.Text.Json;
using RsyncFs.Access;
using RsyncFs.Cli.Engine;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using Xunit;

namespace RsyncFs.Tests.Cli;

/// <summary>Whose session it was is said by what it has proven, in text and as events.</summary>
public sealed class ServeLogTests
{
    private static readonly KeyFingerprint Key = KeyFingerprint.Of([1]);

    private static readonly SessionPeer Web1 = new("192.0.2.1:40000")
    {
        Name = "web1",
        Key = Key,
        Node = "db-host",
    };

    private static readonly SessionReport Report = new(
        "db01",
        Purpose.Replicate,
        "db-host",
        Guid.Parse("1f2e3d4c-0000-4000-8000-00000000cafe"),
        1024,
        2048
    );

    private readonly FakeTerminal _terminal = new();

    [Fact]
    public void TheTextNamesWhoIsKnownByItsKey()
    {
        var log = new TextServeLog(
            _terminal.Terminal,
            new OutputSettings(false, ProgressStyle.None, false, 0),
            []
        );
        log.Ended(Web1, Report);
        log.Failed(Web1, new RefusedException(ErrorId.AccessDenied, "no"));
        Assert.Equal(
            $"""
            rsyncfs: web1 ("db-host", 192.0.2.1:40000, {Key}) → db01: at g1f2e3d4c, read 1.0 KiB, written 2.0 KiB
            rsyncfs: session of web1 ("db-host", 192.0.2.1:40000, {Key}) failed
            rsyncfs: error: no [access-denied]

            """,
            _terminal.Error
        );
    }

    [Fact]
    public void ASenderThatLeftInTheMiddleIsSaidWithWhatHasArrived()
    {
        var part = Report with { ArrivedRecordCount = 7000 };
        var text = new TextServeLog(
            _terminal.Terminal,
            new OutputSettings(false, ProgressStyle.None, false, 0),
            []
        );
        text.Ended(Web1, part);
        text.Ended(Web1, part with { Generation = Guid.Empty });
        Assert.Equal(
            $"""
            rsyncfs: web1 ("db-host", 192.0.2.1:40000, {Key}) → db01: at g1f2e3d4c, 7000 blocks and runs of zeros of the next have arrived, read 1.0 KiB, written 2.0 KiB
            rsyncfs: web1 ("db-host", 192.0.2.1:40000, {Key}) → db01: at no generation yet, 7000 blocks and runs of zeros of the next have arrived, read 1.0 KiB, written 2.0 KiB

            """,
            _terminal.Error
        );
        var log = new JsonServeLog(_terminal.Terminal, []);
        log.Ended(Web1, part);
        log.Ended(Web1, Report);
        var lines = _terminal.Output.Split('\n');
        Assert.Contains(",\"arrived_records\":7000,", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain("arrived_records", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void AnEventNamesWhoIsKnownByItsKey()
    {
        var log = new JsonServeLog(_terminal.Terminal, []);
        log.Ended(Web1, Report);
        log.Failed(Web1, new RefusedException(ErrorId.AccessDenied, "no"));
        log.Ended(new SessionPeer("127.0.0.1:40000") { Node = "web1" }, Report);
        var events = _terminal
            .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .ToList();
        foreach (var known in events.Take(2))
        {
            Assert.Equal("192.0.2.1:40000", known.GetProperty("peer").GetString());
            Assert.Equal("web1", known.GetProperty("name").GetString());
            Assert.Equal(Key.ToString(), known.GetProperty("key").GetString());
        }

        Assert.False(events[2].TryGetProperty("name", out _));
        Assert.False(events[2].TryGetProperty("key", out _));
    }
}
