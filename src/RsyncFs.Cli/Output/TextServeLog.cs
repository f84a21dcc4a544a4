using System.Net;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Engine;
using RsyncFs.Cli.Json;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Output;

/// <summary>What a receiver lives through, as lines on standard error.</summary>
internal sealed class TextServeLog(Terminal terminal, OutputSettings settings, IReadOnlyList<string> targets)
    : IServeLog
{
    private readonly Lock _gate = new();

    /// <summary>The line for which scripts wait.</summary>
    public static string ReadyLine(int targetCount, IPEndPoint address) =>
        $"rsyncfs: serving {targetCount} {(targetCount == 1 ? "target" : "targets")} on {address}";

    /// <inheritdoc/>
    public void Ready(IPEndPoint address) => Say(ReadyLine(targets.Count, address));

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
            $"rsyncfs: {peer.WithKey} → {report.Target}: {what}{arrived}, read {new ByteSize(report.BytesRead)}, written {new ByteSize(report.BytesWritten)}"
        );
    }

    /// <inheritdoc/>
    public void Failed(SessionPeer peer, RsyncFsException error) =>
        Print($"rsyncfs: session of {peer.WithKey} failed\n", error);

    /// <inheritdoc/>
    public void NotReloaded(RsyncFsException error) => Print("", error);

    /// <inheritdoc/>
    public void Changed(TargetChangeDocument change) => Say($"rsyncfs: {TargetChangeText.Line(change)}");

    private void Print(string title, RsyncFsException error)
    {
        lock (_gate)
        {
            terminal.Error.Write(title + ErrorPrinter.Print(error, settings.Verbosity));
        }
    }

    private void Say(string line)
    {
        if (!settings.Quiet)
        {
            lock (_gate)
            {
                terminal.Error.WriteLine(line);
            }
        }
    }
}
