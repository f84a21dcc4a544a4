using System.CommandLine;
using RsyncFs.Access;
using RsyncFs.Cli.Engine;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using RsyncFs.Linux.Keys;

namespace RsyncFs.Cli.Commands.Keys;

/// <summary>What the verbs of <c>peer</c> have in common: the list is read, changed and written, the receiver told, and the list printed.</summary>
/// <param name="command">The verb, with its arguments.</param>
/// <param name="output">How it is printed.</param>
/// <param name="terminal">Where.</param>
internal sealed class PeerVerb(ExampleCommand command, OutputOptions output, Terminal terminal)
{
    private readonly StateOption _state = new();
    private readonly SocketOption _socket = new();
    private readonly KeyOptions _keys = new();

    /// <summary>Completes the verb.</summary>
    /// <param name="change">What it does to the list; null if it only prints it.</param>
    public ExampleCommand Finish(Func<ParseResult, PeerList, PeerList>? change)
    {
        _state.AddTo(command);
        _keys.AddPeersTo(command);
        if (change is null)
        {
            command.SetAction(parsed =>
            {
                Print(FileOf(parsed).Load(), endedSessions: null, output.Bind(parsed));
                return (int)ExitCode.Ok;
            });
            return command;
        }

        _socket.AddTo(command);
        command.SetAction(
            async (parsed, token) =>
            {
                var settings = output.Bind(parsed);
                var socket = _socket.Bind(parsed, _state.Bind(parsed), _state.IsGiven(parsed));
                var file = FileOf(parsed);
                var peers = file.Change(before => change(parsed, before));
                var answer = await PeerNotice.GiveAsync(socket, file.Path, token);
                Say(answer, settings);
                Print(peers, answer?.EndedSessions, settings);
                return (int)ExitCode.Ok;
            }
        );
        return command;
    }

    private PeerFile FileOf(ParseResult parsed) => new(_keys.BindPeers(parsed, _state.Bind(parsed)));

    private void Say(PeersReloadedDocument? answer, OutputSettings settings)
    {
        if (answer is null || settings.Quiet)
        {
            return;
        }

        terminal.Error.WriteLine(
            answer.EndedSessions is { } count
                ? $"rsyncfs: the receiver knows; {count} {(count == 1 ? "session" : "sessions")} ended"
                : $"rsyncfs: the receiver that runs reads another list, {answer.Peers}, and was told nothing"
        );
    }

    private void Print(PeerList peers, int? endedSessions, OutputSettings settings)
    {
        if (settings.Json)
        {
            terminal.Output.WriteLine(
                JsonLines.Print(
                    new PeerListDocument([.. peers.Peers.Select(Document)]) { EndedSessions = endedSessions }
                )
            );
        }
        else if (!settings.Quiet)
        {
            foreach (var peer in peers.Peers)
            {
                var rights = string.Join(
                    ' ',
                    peer.Rights.Select(grant => $"{grant.Key}={RightsText.Print(grant.Value)}")
                );
                terminal.Output.WriteLine(
                    $"{peer.Name}  {peer.KeyText}  {(rights.Length > 0 ? rights : "-")}"
                );
            }
        }
    }

    private static PeerDocument Document(Peer peer) =>
        new(
            peer.Name,
            peer.KeyText,
            peer.Rights.ToDictionary(
                grant => grant.Key,
                grant => RightsText.Print(grant.Value),
                StringComparer.Ordinal
            )
        );
}
