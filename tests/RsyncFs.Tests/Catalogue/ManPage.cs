using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;
using System.Text;
using RsyncFs.Cli.Commands;
using RsyncFs.Errors;

namespace RsyncFs.Tests.Catalogue;

/// <summary>Prints manual pages (man-pages(7), groff_man(7)) from the tables that the program itself goes by.</summary>
internal static class ManPage
{
    /// <summary>rsyncfs(8): every verb with its arguments and options, and the exit codes.</summary>
    public static string OfProgram(RootCommand root)
    {
        var page = new StringBuilder();
        Head(page, "RSYNCFS", "8", "rsyncfs", "keep a block device on another machine equal to its source");
        Section(page, "SYNOPSIS");
        page.Append(".B rsyncfs\n.I COMMAND\n[\\fIARGUMENT\\fR...] [\\fIOPTION\\fR...]\n");
        Section(page, "DESCRIPTION");
        Text(page, root.Description!);
        Section(page, "OPTIONS OF EVERY COMMAND");
        Options(page, root);
        Section(page, "COMMANDS");
        foreach (var command in root.Subcommands)
        {
            Verb(page, "rsyncfs", command);
        }

        Section(page, "SIGNALS");
        Item(page, "SIGINT, SIGTERM");
        Text(page, "What is at work ends cleanly; a second one ends the process at once.");
        Item(page, "SIGHUP");
        Text(page, "loop reads its configuration again, serve its list of peers.");
        Item(page, "SIGUSR1");
        Text(page, "What is at work says on standard error where it is, and goes on.");
        Section(page, "EXIT STATUS");
        foreach (var code in Enum.GetValues<ExitCode>())
        {
            Item(page, ((int)code).ToString(CultureInfo.InvariantCulture));
            Text(page, Summaries.Of($"F:RsyncFs.Errors.ExitCode.{code}", word => word));
        }

        Section(page, "SEE ALSO");
        page.Append(".BR rsyncfs-errors (7),\n.BR lvm (8),\n.BR systemd.service (5)\n");
        return page.ToString();
    }

    /// <summary>rsyncfs-errors(7): every error with its exit code and what to do.</summary>
    public static string OfErrors()
    {
        var page = new StringBuilder();
        Head(page, "RSYNCFS-ERRORS", "7", "rsyncfs-errors", "errors of rsyncfs, and what to do");
        Section(page, "DESCRIPTION");
        Text(
            page,
            "Every error of rsyncfs(8) ends with its id in brackets. Here is what happened, the exit code, and what to do in general; the message has what to do in its own case."
        );
        Section(page, "ERRORS");
        foreach (var id in Enum.GetValues<ErrorId>().OrderBy(ErrorCatalogue.Kebab, StringComparer.Ordinal))
        {
            Item(page, $"{ErrorCatalogue.Kebab(id)} ({(int)ErrorCatalogue.ExitCodeOf(id)})");
            Text(page, Summaries.Of($"F:RsyncFs.Errors.ErrorId.{id}", word => word));
            Text(page, $"To do: {ErrorCatalogue.HintOf(id)}.");
        }

        Section(page, "SEE ALSO");
        page.Append(".BR rsyncfs (8)\n");
        return page.ToString();
    }

    private static void Head(StringBuilder page, string title, string section, string name, string purpose)
    {
        page.Append(".\\\" Made of the tables of the program by ManPageTests: not to be edited.\n");
        page.Append(CultureInfo.InvariantCulture, $".TH {title} {section} \"\" rsyncfs\n");
        Section(page, "NAME");
        page.Append(CultureInfo.InvariantCulture, $"{Escape(name)} \\- {Escape(purpose)}\n");
    }

    private static void Verb(StringBuilder page, string before, Command command)
    {
        var name = $"{before} {command.Name}";
        var arguments = command.Arguments.Select(argument =>
            argument.Arity.MinimumNumberOfValues == 0 ? $" [{argument.Name}]" : $" {argument.Name}"
        );
        page.Append(CultureInfo.InvariantCulture, $".SS \"{Escape(name + string.Concat(arguments))}\"\n");
        Text(page, command.Description!);
        foreach (var argument in command.Arguments)
        {
            Item(page, argument.Name);
            Text(page, argument.Description!);
        }

        Options(page, command);
        if (command is ExampleCommand { Examples.Count: > 0 } with)
        {
            page.Append(".PP\nExamples:\n.PP\n.EX\n");
            foreach (var example in with.Examples)
            {
                page.Append("  ").Append(Escape(example)).Append('\n');
            }

            page.Append(".EE\n");
        }

        foreach (var verb in command.Subcommands)
        {
            Verb(page, name, verb);
        }
    }

    private static void Options(StringBuilder page, Command command)
    {
        foreach (var option in command.Options.Where(option => !option.Hidden && option is not HelpOption))
        {
            var names = string.Join(", ", option.Aliases.Append(option.Name));
            Item(page, option.HelpName is { } value ? $"{names} {value}" : names);
            Text(page, option.Description!);
        }
    }

    private static void Section(StringBuilder page, string name) =>
        page.Append(CultureInfo.InvariantCulture, $".SH {name}\n");

    private static void Item(StringBuilder page, string name) =>
        page.Append(
            CultureInfo.InvariantCulture,
            $".TP\n.B \"{Escape(name).Replace("\"", "\\(dq", StringComparison.Ordinal)}\"\n"
        );

    private static void Text(StringBuilder page, string text) => page.Append(Escape(text)).Append('\n');

    // A backslash begins an escape, a dash is a hyphen, and a dot or a quote at a line's begin a request.
    private static string Escape(string text)
    {
        var escaped = text.Replace("\\", "\\e", StringComparison.Ordinal)
            .Replace("-", "\\-", StringComparison.Ordinal)
            .ReplaceLineEndings(" ");
        return escaped.StartsWith('.') || escaped.StartsWith('\'') ? $"\\&{escaped}" : escaped;
    }
}
