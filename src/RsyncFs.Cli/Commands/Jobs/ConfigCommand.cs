using System.CommandLine;
using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Commands.Jobs;

/// <summary><c>rsyncfs config</c>: what the configuration says, and whether it can be used.</summary>
internal sealed class ConfigCommand
{
    private readonly ConfigOptions _config = new();

    private readonly Option<bool> _strict = Flag.Of(
        "--strict",
        "What is probably not meant is an error, too."
    );

    private readonly Option<string?> _job = new("--job")
    {
        Description = "Only this job, with the receivers that it goes to.",
        HelpName = "JOB",
    };

    private readonly Option<bool> _defaults = Flag.Of("--defaults", "Print what nobody said, too.");

    /// <summary>The verbs for the command line.</summary>
    public Command Build(OutputOptions output, Terminal terminal)
    {
        var group = new Command("config", "Look at the configuration.");
        group.Subcommands.Add(BuildCheck(output, terminal));
        group.Subcommands.Add(BuildShow(output, terminal));
        group.Subcommands.Add(
            Printing(
                terminal,
                "init",
                "Print a configuration to begin with: names and addresses are to be changed.",
                "rsyncfs config init > /etc/rsyncfs/rsyncfs.yaml",
                () => ConfigExample.Text
            )
        );
        group.Subcommands.Add(
            Printing(
                terminal,
                "schema",
                "Print the JSON schema of a configuration, for editors that check and complete YAML by one.",
                "rsyncfs config schema > rsyncfs.schema.json",
                () => ConfigSchema.Print() + "\n"
            )
        );
        return group;
    }

    private ExampleCommand BuildCheck(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "check",
            "Say all that is wrong with the configuration, each with file, line and column, and nothing if it can be used. Nothing is changed, and no device is opened.",
            "rsyncfs config check",
            "rsyncfs config check --config ./rsyncfs.yaml --strict"
        );
        _config.AddTo(command);
        command.Options.Add(_strict);
        command.SetAction(parsed =>
        {
            var settings = output.Bind(parsed);
            var config = Config.Load(_config.BindPath(parsed), parsed.GetValue(_strict));
            SayWarnings(config, settings, terminal);
            if (settings.Json)
            {
                new JsonLines(terminal).Write(new ExitEvent { Code = (int)ExitCode.Ok });
            }
            else if (settings.Verbosity > 0)
            {
                terminal.Output.WriteLine(
                    $"{config.Path}: jobs: {config.Jobs.Count}, receivers: {config.Receivers.Count}, targets: {config.Targets.Count}"
                );
            }

            return (int)ExitCode.Ok;
        });
        return command;
    }

    private ExampleCommand BuildShow(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "show",
            "Print what all files come to, as one: each job with all that holds for it. What is printed can be read again.",
            "rsyncfs config show",
            "rsyncfs config show --job db01 --defaults"
        );
        _config.AddTo(command);
        command.Options.Add(_job);
        command.Options.Add(_defaults);
        command.SetAction(parsed =>
        {
            var settings = output.Bind(parsed);
            var config = _config.Load(parsed);
            var jobs = parsed.GetValue(_job) is { } name ? config.Select([name]) : config.Jobs;
            var withDefaults = parsed.GetValue(_defaults);
            terminal.Output.Write(
                settings.Json
                    ? JsonLines.Print(ConfigDocument.Of(config, jobs, withDefaults)) + "\n"
                    : ConfigPrinter.Print(config, jobs, withDefaults)
            );
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static ExampleCommand Printing(
        Terminal terminal,
        string verb,
        string description,
        string example,
        Func<string> text
    )
    {
        var command = new ExampleCommand(verb, description, example);
        command.SetAction(_ =>
        {
            terminal.Output.Write(text());
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static void SayWarnings(Config config, OutputSettings settings, Terminal terminal)
    {
        foreach (var warning in config.Warnings)
        {
            if (settings.Json)
            {
                new JsonLines(terminal).Write(
                    new WarningEvent { Message = $"{warning.Where}: {warning.Message}" }
                );
            }
            else if (!settings.Quiet)
            {
                terminal.Error.WriteLine(
                    $"rsyncfs: warning: {warning.Message}\n  where  {warning.Where}\n  hint   {warning.Hint}"
                );
            }
        }
    }
}
