using System.Net;
using RsyncFs.Cli.Engine;
using RsyncFs.Cli.Json;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Output;

/// <summary>What a receiver lives through, as events; that it is ready also as text, for whoever waits for it.</summary>
internal sealed class JsonServeLog(Terminal terminal, IReadOnlyList<string> targets) : IServeLog
{
    private readonly JsonLines _lines = new(terminal);

    /// <inheritdoc/>
    public void Ready(IPEndPoint address)
    {
        _lines.Write(new ServingEvent { Listen = address.ToString(), Targets = targets });
        terminal.Error.WriteLine(TextServeLog.ReadyLine(targets.Count, address));
    }

    /// <inheritdoc/>
    public void Ended(SessionPeer peer, SessionReport report) =>
        _lines.Write(
            new SessionEvent
            {
                Peer = peer.Address,
                Name = peer.Name,
                Key = peer.Key?.ToString(),
                Node = report.SenderNode,
                Target = report.Target,
                Purpose = report.Purpose.ToString().ToLowerInvariant(),
                Gen = GenerationText.Of(report.Generation),
                ArrivedRecords = report.ArrivedRecordCount > 0 ? report.ArrivedRecordCount : null,
                Read = report.BytesRead,
                Written = report.BytesWritten,
            }
        );

    /// <inheritdoc/>
    public void Failed(SessionPeer peer, RsyncFsException error) =>
        _lines.Write(
            ErrorEvent.Of(error, error.ExitCode) with
            {
                Peer = peer.Address,
                Name = peer.Name,
                Key = peer.Key?.ToString(),
            }
        );

    /// <inheritdoc/>
    public void NotReloaded(RsyncFsException error) => _lines.Write(ErrorEvent.Of(error, error.ExitCode));

    /// <inheritdoc/>
    public void Present(IReadOnlyList<PresentSession> sessions)
    {
        foreach (var session in sessions)
        {
            _lines.Write(
                new SessionStatusEvent
                {
                    Peer = session.Peer.Address,
                    Name = session.Peer.Name,
                    Target = session.Target,
                    Phase = session.PhaseWord,
                    Received = session.ReceivedBytes,
                    Seconds = Math.Round(session.Open.TotalSeconds, 1),
                }
            );
        }
    }

    /// <inheritdoc/>
    public void Changed(TargetChangeDocument change) =>
        _lines.Write(
            new StateChangeEvent
            {
                Target = change.Target,
                Verb = change.Verb,
                Status = change.Status,
                Was = change.Was,
                Is = change.Is,
                Epoch = change.Epoch,
                NewName = change.NewName,
            }
        );
}
