using System.CommandLine;
using RsyncFs.Access;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using RsyncFs.Linux.Keys;

namespace RsyncFs.Cli.Commands.Keys;

/// <summary>What the verbs of <c>peer</c> have in common: the list is read, changed, written, and printed.</summary>
/// <param name="command">The verb, with its arguments.</param>
/// <param name="output">How it is printed.</param>
/// <param name="terminal">Where.</param>
internal sealed class PeerVerb(ExampleCommand command, OutputOptions output, Terminal terminal)
{
    private readonly StateOption _state = new();
    private readonly KeyOptions _keys = new();

    /// <summary>Completes the verb.</summary>
    /// <param name="change">What it does to the list; null if it only prints it.</param>
    public ExampleCommand Finish(Func<ParseResult, PeerList, PeerList>? change)
    {
        _state.AddTo(command);
        _keys.AddPeersTo(command);
        command.SetAction(parsed =>
        {
            var file = new PeerFile(_keys.BindPeers(parsed, _state.Bind(parsed)));
            var peers = change is null ? file.Load() : file.Change(before => change(parsed, before));
            Print(peers, output.Bind(parsed));
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private void Print(PeerList peers, OutputSettings settings)
    {
        if (settings.Json)
        {
            terminal.Output.WriteLine(
                JsonLines.Print(new PeerListDocument([.. peers.Peers.Select(Document)]))
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
                terminal.Output.WriteLine($"{peer.Name}  {peer.Key}  {(rights.Length > 0 ? rights : "-")}");
            }
        }
    }

    private static PeerDocument Document(Peer peer) =>
        new(
            peer.Name,
            peer.Key.ToString(),
            peer.Rights.ToDictionary(
                grant => grant.Key,
                grant => RightsText.Print(grant.Value),
                StringComparer.Ordinal
            )
        );
}
