using System.Net;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Engine;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output.Logs;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Output;

/// <summary>What a receiver lives through, as lines on standard error.</summary>
internal sealed class TextServeLog(Terminal terminal, OutputSettings settings, IReadOnlyList<string> targets)
    : IServeLog
{
    private readonly LogWriter _log = new(terminal, settings);

    /// <summary>The line for which scripts wait.</summary>
    public static string ReadyLine(int targetCount, IPEndPoint address) =>
        $"rsyncfs: {ReadyText(targetCount, address)}";

    /// <inheritdoc/>
    public void Ready(IPEndPoint address) => Say("ready", ReadyText(targets.Count, address));

    /// <inheritdoc/>
    public void Ended(SessionPeer peer, SessionReport report)
    {
        var what = report.Purpose switch
        {
            Protocol.Purpose.Verify => "compared",
            Protocol.Purpose.Estimate => "estimated",
            _ when report.Generation == Guid.Empty => "at no generation yet",
            _ => $"at {GenerationText.Of(report.Generation)}",
        };
        var arrived =
            report.ArrivedRecordCount > 0
                ? $", {report.ArrivedRecordCount} blocks and runs of zeros of the next have arrived"
                : "";
        Say(
            "session",
            $"{peer.WithKey} → {report.Target}: {what}{arrived}, read {new ByteSize(report.BytesRead)}, written {new ByteSize(report.BytesWritten)}",
            new LogField("target", report.Target),
            new LogField("peer", peer.ToString()),
            LogField.Of("read", report.BytesRead),
            LogField.Of("written", report.BytesWritten)
        );
    }

    /// <inheritdoc/>
    public void Failed(SessionPeer peer, RsyncFsException error)
    {
        var human =
            $"rsyncfs: session of {peer.WithKey} failed\n{ErrorPrinter.Print(error, settings.Verbosity)}";
        _log.Write(LogLine.Of(error, human) with { About = [new LogField("peer", peer.WithKey)] });
    }

    /// <inheritdoc/>
    public void NotReloaded(RsyncFsException error) =>
        _log.Write(LogLine.Of(error, ErrorPrinter.Print(error, settings.Verbosity)));

    /// <inheritdoc/>
    public void Changed(TargetChangeDocument change) =>
        Say("state", TargetChangeText.Line(change), new LogField("target", change.Target));

    /// <inheritdoc/>
    public void Present(IReadOnlyList<PresentSession> sessions)
    {
        if (sessions.Count == 0)
        {
            _log.WriteAsked(Line("session_status", "no sessions"));
        }

        foreach (var session in sessions)
        {
            _log.WriteAsked(
                Line(
                    "session_status",
                    session.ToString(),
                    new LogField("target", session.Target ?? "-"),
                    new LogField("peer", session.Peer.ToString()),
                    new LogField("phase", session.PhaseWord),
                    LogField.Of("received", session.ReceivedBytes),
                    LogField.Of("open", session.Open)
                )
            );
        }
    }

    private static string ReadyText(int targetCount, IPEndPoint address) =>
        $"serving {targetCount} {(targetCount == 1 ? "target" : "targets")} on {address}";

    private static LogLine Line(string name, string text, params LogField[] fields) =>
        new(LogLevel.Info, name, text) { Human = $"rsyncfs: {text}", Fields = fields };

    private void Say(string name, string text, params LogField[] fields) =>
        _log.Write(Line(name, text, fields));
}
