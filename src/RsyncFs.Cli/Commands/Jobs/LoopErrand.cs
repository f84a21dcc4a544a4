using System.CommandLine;
using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Engine.Control;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Commands.Jobs;

/// <summary>Finds the loop that runs on this machine, and asks it: what all verbs for a loop share.</summary>
internal sealed class LoopErrand
{
    private readonly ConfigOptions _config = new();
    private readonly LoopSocket _socket = new();

    /// <summary>Adds the options that say where the loop is to <paramref name="command"/>.</summary>
    public void AddTo(Command command)
    {
        _config.AddAllTo(command);
        _socket.AddTo(command);
    }

    /// <summary>Asks.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="terminal">Has the clock.</param>
    /// <param name="patience">How long an answer may take; null for as long as one that waits for nothing.</param>
    /// <param name="token">Ends the wait.</param>
    /// <exception cref="RsyncFsException">No loop runs, or it refused.</exception>
    public async Task<LoopChangeDocument> AskAsync(
        ParseResult parsed,
        ControlRequest request,
        Terminal terminal,
        TimeSpan? patience,
        CancellationToken token
    )
    {
        var socket = SocketOf(parsed);
        var answer = await ControlClient.TryAskAsync(socket, request, terminal.Clock, token, patience);
        return answer as LoopChangeDocument
            ?? throw new RsyncFsException(ErrorId.Unreachable, "no loop runs here")
            {
                Where = socket,
                Hint =
                    "rsyncfs loop --all; or, if its state is elsewhere, name its configuration: --config FILE",
            };
    }

    /// <summary>Where the loop is. A configuration that was broken meanwhile is no reason not to pause a job, if the line says where.</summary>
    private string SocketOf(ParseResult parsed)
    {
        var path = _config.BindPath(parsed);
        var isNeeded = !_socket.IsGiven(parsed) && !_config.IsStateGiven(parsed) && File.Exists(path);
        var config = isNeeded
            ? Config.Load(path)
            : new Config(path, StateDirectory: null, KeyPath: null, PeersPath: null, Jobs: []);
        return _socket.Bind(parsed, _config.BindPlaces(parsed, config).StateDirectory);
    }
}
