using System.Net;
using RsyncFs.Cli.Engine;
using RsyncFs.Cli.Json;
using RsyncFs.Errors;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Cli;

public sealed class StrangerLogTests
{
    /// <summary>A log that anybody can fill is no log.</summary>
    [Fact]
    public void OfManyOnlyAFewAreSaidAndThenHowManyMore()
    {
        var log = new KeptLog();
        var clock = new ManualClock();
        using var strangers = new StrangerLog(log, clock);
        for (var i = 0; i < 1000; i++)
        {
            strangers.Failed(
                new SessionPeer("192.0.2.1:1"),
                new ConnectionException(ErrorId.Stalled, "nobody said")
            );
        }

        Assert.Equal(10, log.Failures.Count);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(11, log.Failures.Count);
        Assert.StartsWith("990 more", log.Failures[10].Message, StringComparison.Ordinal);
        Assert.Equal(ErrorId.Stalled, log.Failures[10].Id);
        strangers.Failed(
            new SessionPeer("192.0.2.1:1"),
            new ConnectionException(ErrorId.Stalled, "nobody said")
        );
        Assert.Equal(12, log.Failures.Count);
        clock.Advance(TimeSpan.FromMinutes(1));
        strangers.Failed(
            new SessionPeer("192.0.2.1:1"),
            new ConnectionException(ErrorId.Stalled, "nobody said")
        );
        Assert.Equal(13, log.Failures.Count);
    }

    /// <summary>Whoever makes noise does not hide who tries keys, nor a known peer that lacks a right.</summary>
    [Fact]
    public void AFloodOfOneKindHidesNoOther()
    {
        var log = new KeptLog();
        var strangers = new StrangerLog(log, new ManualClock());
        var noise = new SessionPeer("192.0.2.1:1");
        for (var i = 0; i < 1000; i++)
        {
            strangers.Failed(noise, new ConnectionException(ErrorId.TlsFailed, "noise"));
            strangers.Failed(noise, new ConnectionException(ErrorId.Stalled, "nobody said"));
        }

        for (var i = 0; i < 1000; i++)
        {
            strangers.Failed(noise, new RefusedException(ErrorId.KeyUnknown, "another key"));
        }

        strangers.Failed(
            noise with
            {
                Name = "web1",
            },
            new RefusedException(ErrorId.AccessDenied, "no right")
        );
        var logged = log.Failures.CountBy(failure => failure.Message).ToDictionary(StringComparer.Ordinal);
        Assert.Equal(10, logged["another key"]);
        Assert.Equal(1, logged["no right"]);
        Assert.Equal(21, log.Failures.Count);

        // Nor is anything kept from the log because the receiver ends first.
        strangers.Dispose();
        Assert.Equal(
            [
                "990 more connections were refused",
                "1990 more connections failed before they said who they are",
            ],
            log.Failures.Skip(21).Select(failure => failure.Message.Split(':')[0])
        );
    }

    private sealed class KeptLog : IServeLog
    {
        public List<RsyncFsException> Failures { get; } = [];

        public void Ready(IPEndPoint address) { }

        public void Ended(SessionPeer peer, SessionReport report) { }

        public void Failed(SessionPeer peer, RsyncFsException error) => Failures.Add(error);

        public void NotReloaded(RsyncFsException error) { }

        public void Present(IReadOnlyList<PresentSession> sessions) { }

        public void Changed(TargetChangeDocument change) { }
    }
}
