using System.CommandLine;
using System.CommandLine.Parsing;
using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Commands;

/// <summary>
/// Refuses what the parser would take for an argument though it was meant for an option: <c>--dryrun</c> for a
/// device, <c>-x</c> for the value of the option before it, the <c>no</c> of <c>--json=no</c> for a device.
/// </summary>
internal static class MistypedOption
{
    /// <summary>Checks every word up to <c>--</c>; behind it everything is an argument.</summary>
    /// <exception cref="Errors.RsyncFsException">A word that begins with a dash and is no option, or a flag with a value.</exception>
    public static void Refuse(ParseResult parsed, IReadOnlyList<string> args)
    {
        var command = parsed.CommandResult.Command;
        var options = parsed
            .RootCommandResult.Command.Options.Union(command.Options)
            .Union(command.Subcommands.SelectMany(verb => verb.Options))
            .ToList();
        var words = FlagBundle.Split(args);
        foreach (var token in parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash))
        {
            // A value behind an equal sign is no word of its own, and may begin with a dash.
            if (
                token.Type == TokenType.Argument
                && IsDashed(token.Value)
                && words.Contains(token.Value, StringComparer.Ordinal)
            )
            {
                throw Unknown(parsed, Split(token.Value), options);
            }
        }

        foreach (var argument in args.TakeWhile(argument => argument is not "--").Where(IsDashed))
        {
            var typed = Split(argument);
            var isFlag = options.Any(option =>
                option.Arity.MaximumNumberOfValues == 0 && IsNamed(option, typed)
            );
            if (isFlag && typed.Length < argument.Length)
            {
                throw UsageError.Of(
                    $"{typed} takes no value, but '{argument}' gives it one",
                    $"write {typed} or leave it out"
                );
            }
        }
    }

    private static Errors.RsyncFsException Unknown(ParseResult parsed, string typed, List<Option> options)
    {
        var help = $"{CommandLine.Name(parsed)} --help";
        var names = options.SelectMany(option => option.Aliases.Prepend(option.Name)).ToList();
        return names.Contains(typed, StringComparer.Ordinal)
            ? UsageError.Of(
                $"{typed} stands before the command it belongs to",
                $"write it behind the command; {help}"
            )
            : UsageError.Of($"unknown option '{typed}'", CommandLine.DidYouMean(typed, names, help));
    }

    private static bool IsDashed(string word) => word.Length > 1 && word[0] == '-';

    private static bool IsNamed(Option option, string name) =>
        string.Equals(option.Name, name, StringComparison.Ordinal)
        || option.Aliases.Contains(name, StringComparer.Ordinal);

    private static string Split(string word)
    {
        var end = word.AsSpan().IndexOfAny('=', ':');
        return end < 0 ? word : word[..end];
    }
}
