using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Commands;

/// <summary>
/// The command line as a whole, with what System.CommandLine does by default and a tool for devices must not do
/// turned off: response files, <c>/?</c>, words beginning with a dash as arguments, <c>-nz</c> read as <c>-n z</c>,
/// help instead of an error.
/// </summary>
internal static class CommandLine
{
    private static readonly ParserConfiguration Parser = new()
    {
        ResponseFileTokenReplacer = null,
        EnablePosixBundling = false,
    };

    /// <summary>The root with its verbs and the options of them all.</summary>
    public static RootCommand Build(OutputOptions output, params IEnumerable<Command> verbs)
    {
        var root = new RootCommand(
            "Keeps a block device on another machine equal to its source; only what changed is sent."
        );
        foreach (var verb in verbs)
        {
            root.Subcommands.Add(verb);
        }

        output.AddTo(root);
        foreach (var option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction help })
            {
                option.Aliases.Remove("/?");
                option.Aliases.Remove("/h");
                option.Aliases.Remove("-?");
                option.Action = new ExampleHelpAction(help);
            }
            else if (option is VersionOption)
            {
                option.Action = new VersionAction();
            }
        }

        return root;
    }

    /// <summary>Reads <paramref name="args"/> and does what they say; the exit code.</summary>
    /// <exception cref="Errors.RsyncFsException">The line was not understood, or what it asks for failed.</exception>
    public static async Task<int> RunAsync(
        RootCommand root,
        IReadOnlyList<string> args,
        CancellationToken cancellationToken
    )
    {
        // Errors come up to Main, and signals are handled there: both defaults of the library are turned off.
        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        return await Parse(root, args).InvokeAsync(configuration, cancellationToken);
    }

    /// <summary>Reads <paramref name="args"/>.</summary>
    /// <exception cref="Errors.RsyncFsException">An unknown verb or option, a missing value, or a word too many.</exception>
    public static ParseResult Parse(RootCommand root, IReadOnlyList<string> args)
    {
        var parsed = root.Parse(FlagBundle.Split(args), Parser);
        var command = parsed.CommandResult.Command;
        if (parsed.Action is not ParseErrorAction && parsed.Action != command.Action)
        {
            // Help, the version and completion answer whatever else stands on the line.
            return parsed;
        }

        // A verb that is none comes first: what belongs to it can not be known.
        if (
            parsed.UnmatchedTokens is not [var first, ..]
            || first.StartsWith('-')
            || command.Subcommands.Count == 0
        )
        {
            MistypedOption.Refuse(parsed, args);
        }

        var help = $"{Name(parsed)} --help";
        if (command.Subcommands.Count > 0)
        {
            var verbs = command.Subcommands.Select(verb => verb.Name).ToList();
            var group = command is RootCommand ? "" : $"{command.Name} ";
            throw parsed.UnmatchedTokens is [var unknown, ..]
                ? UsageError.Of($"unknown command '{group}{unknown}'", DidYouMean(unknown, verbs, help))
                : UsageError.Of(
                    command is RootCommand ? "no command" : $"{command.Name} needs a command",
                    $"one of: {string.Join(' ', verbs)}   {help}"
                );
        }

        if (parsed.UnmatchedTokens is [var tooMuch, ..])
        {
            throw UsageError.Of($"'{tooMuch}' is one argument too many", help);
        }

        if (
            command.Arguments.Any(argument =>
                argument.Arity.MinimumNumberOfValues > 0
                && parsed.GetResult(argument) is not { Tokens.Count: > 0 }
            )
        )
        {
            var names = string.Join(" and ", command.Arguments.Select(argument => argument.Name));
            var example = ((ExampleCommand)command).Examples[0];
            throw UsageError.Of($"{Words(parsed)} needs {names}", $"as in: {example}   {help}");
        }

        return parsed.Errors is [var error, ..] ? throw UsageError.Of(Tidy(error.Message), help) : parsed;
    }

    /// <summary>What a person types to get here: <c>rsyncfs target list</c>.</summary>
    public static string Name(ParseResult parsed) =>
        parsed.CommandResult.Command is RootCommand ? "rsyncfs" : $"rsyncfs {Words(parsed)}";

    /// <summary>A hint that names the nearest of <paramref name="names"/>, if one is near.</summary>
    public static string DidYouMean(string typed, IEnumerable<string> names, string otherwise) =>
        NearestWord.Find(typed, names) is { } nearest
            ? $"did you mean '{nearest}'?   {otherwise}"
            : otherwise;

    private static string Words(ParseResult parsed)
    {
        var words = new List<string>();
        for (
            SymbolResult? at = parsed.CommandResult;
            at is CommandResult { Command: not RootCommand } here;
            at = at.Parent
        )
        {
            words.Insert(0, here.Command.Name);
        }

        return string.Join(' ', words);
    }

    private static string Tidy(string message) =>
        message.Length == 0
            ? "not understood"
            : char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.');
}
