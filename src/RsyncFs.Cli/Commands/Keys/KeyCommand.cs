using System.CommandLine;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using RsyncFs.Linux.Keys;

namespace RsyncFs.Cli.Commands.Keys;

/// <summary><c>rsyncfs key</c>: this machine's identity.</summary>
internal static class KeyCommand
{
    /// <summary>The group for the command line.</summary>
    public static Command Build(OutputOptions output, Terminal terminal)
    {
        var group = new ExampleCommand(
            "key",
            "This machine's key: by it others know whom they send to and whom they take from.",
            "rsyncfs key gen",
            "rsyncfs key show"
        );
        group.Subcommands.Add(
            BuildVerb(
                "gen",
                "Make this machine's key, and print what others must be told. An old key is never replaced.",
                NodeKey.Generate,
                output,
                terminal
            )
        );
        group.Subcommands.Add(
            BuildVerb(
                "show",
                "Print what others know this machine by. It is no secret.",
                NodeKey.Load,
                output,
                terminal
            )
        );
        return group;
    }

    private static ExampleCommand BuildVerb(
        string name,
        string description,
        Func<string, NodeKey> open,
        OutputOptions output,
        Terminal terminal
    )
    {
        var state = new StateOption();
        var keys = new KeyOptions();
        var command = new ExampleCommand(name, description, $"rsyncfs key {name}");
        state.AddTo(command);
        keys.AddKeyTo(command);
        command.SetAction(parsed =>
        {
            var path = keys.BindKey(parsed, state.Bind(parsed));
            using var key = open(path);
            var text = key.Fingerprint.ToString();
            terminal.Output.WriteLine(
                output.Bind(parsed).Json ? JsonLines.Print(new KeyDocument(text, path)) : text
            );
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
