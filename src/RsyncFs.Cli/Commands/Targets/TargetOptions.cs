using System.CommandLine;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Commands.Targets;

/// <summary>The options of every verb of <c>target</c>.</summary>
internal sealed class TargetOptions
{
    private readonly StateOption _state = new();
    private readonly SocketOption _socket = new();

    /// <summary>The target, for verbs that have one.</summary>
    public static Argument<string?> NameArgument() =>
        new("NAME")
        {
            Description = "A target's name, or the path of a local destination, beginning with a slash.",
        };

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public void AddTo(Command command)
    {
        _state.AddTo(command);
        _socket.AddTo(command);
    }

    /// <summary>Adds the options, and makes the verb ask and print.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="bind">Reads the command line.</param>
    /// <param name="output">Says how it is printed.</param>
    /// <param name="terminal">Where.</param>
    public Command Finish(
        Command command,
        Func<ParseResult, TargetErrand> bind,
        OutputOptions output,
        Terminal terminal
    )
    {
        AddTo(command);
        command.SetAction(
            async (parsed, token) =>
            {
                var errand = bind(parsed);
                TargetPrinter.Print(await errand.RunAsync(token), terminal, output.Bind(parsed));
                return (int)ExitCode.Ok;
            }
        );
        return command;
    }

    /// <summary>Where to ask, and what.</summary>
    /// <exception cref="Errors.RsyncFsException">A place that is none.</exception>
    public TargetErrand Bind(ParseResult parsed, ControlRequest request)
    {
        var isStateGiven = _state.IsGiven(parsed);
        var stateDirectory = _state.Bind(parsed);
        var socketPath = _socket.Bind(parsed, stateDirectory, isStateGiven);
        return new TargetErrand(
            stateDirectory,
            socketPath,
            request with
            {
                StateDirectory = isStateGiven ? stateDirectory : null,
            },
            new GivenOptions(
                isStateGiven ? stateDirectory : null,
                _socket.IsGiven(parsed) ? socketPath : null
            )
        );
    }

    /// <summary>A target's name or path as it was typed.</summary>
    /// <exception cref="Errors.RsyncFsException">It is neither.</exception>
    public static string Name(string? typed)
    {
        var name = typed ?? "";
        if (name.StartsWith('/'))
        {
            return Path.GetFullPath(name);
        }

        return TargetName.IsValid(name)
            ? name
            : throw UsageError.Of(
                $"'{name}' is not a target",
                $"{TargetName.Rule}; a local destination is named by its whole path, as in /backup/db01.img"
            );
    }
}
