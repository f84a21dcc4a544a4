using System.CommandLine;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Engine;
using RsyncFs.Cli.Output;

namespace RsyncFs.Cli.Commands.Targets;

/// <summary>The option that names a receiver's configuration, for the hooks of a target that no receiver serves at the moment.</summary>
internal sealed class HooksOption
{
    private readonly Option<string?> _config = new("--config", "-c")
    {
        Description =
            "The receiver's configuration, for the target's hooks, where no receiver runs. One that runs has its own.",
        HelpName = "FILE",
    };

    /// <summary>Adds the option to <paramref name="command"/>.</summary>
    public void AddTo(Command command) => command.Options.Add(_config);

    /// <summary>What is to be run; null if no file is named.</summary>
    /// <exception cref="Errors.RsyncFsException">The configuration can not be used.</exception>
    public TargetHooks? Bind(ParseResult parsed, OutputSettings settings, Terminal terminal)
    {
        if (parsed.GetValue(_config) is not { } path)
        {
            return null;
        }

        var config = Config.Load(
            path.Length > 0
                ? Path.GetFullPath(path)
                : throw UsageError.Of("--config is empty", "say where: --config FILE")
        );
        return new TargetHooks(
            config.Targets,
            new ProcessLog(terminal, settings),
            terminal.RunId,
            terminal.Clock
        );
    }
}
