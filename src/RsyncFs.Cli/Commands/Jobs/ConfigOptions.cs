using System.CommandLine;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Engine;

namespace RsyncFs.Cli.Commands.Jobs;

/// <summary>The options of every verb that reads a configuration.</summary>
internal sealed class ConfigOptions
{
    private readonly Option<string?> _config = new("--config", "-c")
    {
        Description =
            $"The configuration. Files of conf.d beside it are read, too. Default: ${ConfigFiles.PathVariable}, or {ConfigFiles.DefaultPath}.",
        HelpName = "FILE",
    };

    private readonly StateOption _state = new();
    private readonly KeyOptions _keys = new();

    /// <summary>Adds the option that names the configuration to <paramref name="command"/>.</summary>
    public void AddTo(Command command) => command.Options.Add(_config);

    /// <summary>Adds those, too, that say in its place where key, peers and state are.</summary>
    public void AddAllTo(Command command)
    {
        AddTo(command);
        _state.AddTo(command);
        _keys.AddTo(command);
    }

    /// <summary>True if the state directory is on the line.</summary>
    public bool IsStateGiven(ParseResult parsed) => _state.IsGiven(parsed);

    /// <summary>Where the configuration is.</summary>
    /// <exception cref="Errors.RsyncFsException">The path is empty.</exception>
    public string BindPath(ParseResult parsed)
    {
        var given = parsed.GetValue(_config);
        return given is { Length: 0 }
            ? throw UsageError.Of("--config is empty", "say where: --config FILE")
            : ConfigFiles.PathOf(given);
    }

    /// <summary>The configuration.</summary>
    /// <exception cref="Errors.RsyncFsException">It can not be used.</exception>
    public Config Load(ParseResult parsed) => Config.Load(BindPath(parsed));

    /// <summary>Where state, key and peers are: what the line says, else what the configuration says, else where they always are.</summary>
    /// <exception cref="Errors.RsyncFsException">A path is empty, or there is no default.</exception>
    public (string StateDirectory, KeyFiles Keys) BindPlaces(ParseResult parsed, Config config)
    {
        var state =
            !_state.IsGiven(parsed) && config.StateDirectory is { } named
                ? Path.GetFullPath(named)
                : _state.Bind(parsed);
        var keys = _keys.Bind(parsed, state);
        return (
            state,
            keys with
            {
                KeyPath = _keys.IsKeyGiven(parsed) ? keys.KeyPath : config.KeyPath ?? keys.KeyPath,
                PeersPath = _keys.ArePeersGiven(parsed) ? keys.PeersPath : config.PeersPath ?? keys.PeersPath,
                IsKeyGiven = keys.IsKeyGiven || config.KeyPath is not null,
            }
        );
    }
}
