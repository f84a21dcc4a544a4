using System.CommandLine;
using System.Net;
using RsyncFs.Access;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Engine;
using RsyncFs.Cli.Output;
using RsyncFs.Cli.Output.Logs;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.Linux.Sockets;
using RsyncFs.Linux.Systemd;

namespace RsyncFs.Cli.Commands;

/// <summary><c>rsyncfs serve</c>: owns targets and receives into them until it is told to end.</summary>
internal sealed class ServeCommand
{
    private readonly CommonOptions _common = new();
    private readonly SocketOption _socket = new();
    private readonly JournalOptions _journal = new();

    private readonly Option<string?> _config = new("--config", "-c")
    {
        Description =
            "A configuration: its 'targets', each with its device, 'init' and hooks, are served beside those of --target.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _listen = new("--listen")
    {
        Description =
            "Where to wait for senders: HOST:PORT, [::1]:PORT or :PORT; port 0: any free one. Default: the socket that systemd passes, else 127.0.0.1:8730.",
        HelpName = "ADDR",
    };

    private readonly Option<bool> _stdio = Flag.Of(
        "--stdio",
        "Serve one sender, over standard input and output: what ssh runs for rsyncfs+ssh://. With --target this process serves them; without, the receiver that runs here does."
    );

    private readonly Option<string?> _peer = new("--peer")
    {
        Description =
            "With --stdio: the name under which 'rsyncfs peer add NAME ssh' noted what the sender may do. As the command of a key in authorized_keys, so that the sender can not choose it.",
        HelpName = "NAME",
    };

    private readonly Option<string[]> _targets = new("--target")
    {
        Description =
            "A target, NAME=DEVICE[,init[=overwrite]]; may be repeated. init: allow a first copy; init=overwrite: onto a device with a known signature, too. A group: NAME=/dev/vg/a,/dev/vg/b.",
        HelpName = "NAME=DEVICE",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>The verb for the command line.</summary>
    public Command Build(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "serve",
            "Own target devices and receive into them, until SIGTERM or SIGINT.",
            "rsyncfs serve --target db01=/dev/vg1/db01,init --state /var/lib/rsyncfs",
            "rsyncfs serve --listen :8730 --target db01=/dev/vg1/db01 --target web=/dev/vg1/web",
            "rsyncfs serve --stdio --peer web1"
        );
        command.Options.Add(_listen);
        command.Options.Add(_stdio);
        command.Options.Add(_peer);
        command.Options.Add(_targets);
        command.Options.Add(_config);
        _journal.AddTo(command);
        _socket.AddTo(command);
        _common.AddTo(command);
        command.SetAction((parsed, token) => RunAsync(Bind(parsed), output.Bind(parsed), terminal, token));
        return command;
    }

    /// <summary>What the command line asks for.</summary>
    /// <exception cref="RsyncFsException">It can not be understood, or names a target or a device twice.</exception>
    public ServeRequest Bind(ParseResult parsed)
    {
        var definitions = (parsed.GetValue(_targets) ?? [])
            .Select(TargetDefinition.Parse)
            .Concat(OfConfiguration(parsed))
            .ToList();
        var peer = BindPeer(parsed);
        if (definitions.Count == 0 && peer is null)
        {
            throw UsageError.Of(
                "serve needs a target",
                "as in: rsyncfs serve --target db01=/dev/vg1/db01,init"
            );
        }

        RefuseTwice(definitions.Select(definition => definition.Name), "the target");
        RefuseTwice(
            definitions
                .SelectMany(definition => DevicePaths.Split(definition.DevicePath))
                .Select(Path.GetFullPath),
            "the device"
        );
        var stateDirectory = _common.BindStateDirectory(parsed);
        return new ServeRequest
        {
            Listen = ListenAddress.Parse(parsed.GetValue(_listen) ?? $"127.0.0.1:{HostAndPort.DefaultPort}"),
            StdioPeer = peer,
            IsListenGiven = parsed.GetValue(_listen) is not null,
            Targets = definitions,
            StateDirectory = stateDirectory,
            Keys = _common.BindKeys(parsed),
            AllowPlaintext = _common.AllowsPlaintext(parsed),
            SocketPath = _socket.Bind(parsed, stateDirectory, _common.IsStateGiven(parsed)),
            Journal = _journal.Bind(parsed),
        };
    }

    private IReadOnlyList<TargetDefinition> OfConfiguration(ParseResult parsed)
    {
        if (parsed.GetValue(_config) is not { } path)
        {
            return [];
        }

        var config = Config.Load(Path.GetFullPath(path));
        return config.Targets.Count > 0
            ? config.Targets
            : throw new RsyncFsException(ErrorId.ConfigInvalid, "the configuration has no targets")
            {
                Where = config.Path,
                Hint =
                    "name at least one: targets: [{name: db01, device: /dev/vg1/db01}]; or leave --config out",
            };
    }

    private string? BindPeer(ParseResult parsed)
    {
        var name = parsed.GetValue(_peer);
        if (!parsed.GetValue(_stdio))
        {
            return name is null
                ? null
                : throw UsageError.Of("--peer is for serve --stdio", "other senders are known by their keys");
        }

        if (parsed.GetValue(_listen) is not null || _common.AllowsPlaintext(parsed))
        {
            throw UsageError.Of(
                "--stdio serves no network",
                "leave --listen and --allow-plaintext out: who comes is up to ssh"
            );
        }

        return name is not null && PeerList.IsName(name)
            ? name
            : throw UsageError.Of(
                name is null ? "--stdio needs --peer" : $"'{name}' is not a peer's name",
                "as in: rsyncfs serve --stdio --peer web1; what web1 may do: rsyncfs peer add web1 ssh --allow ..."
            );
    }

    private static async Task<int> RunAsync(
        ServeRequest request,
        OutputSettings settings,
        Terminal terminal,
        CancellationToken token
    )
    {
        if (request.StdioPeer is { } peer)
        {
            if (settings.Json)
            {
                throw UsageError.Of("--json is not for serve --stdio", "standard output is the sender's");
            }

            var words = new ProcessLog(terminal, settings);
            var hooks = new TargetHooks(request.Targets, words, terminal.RunId, terminal.Clock);
            await new StdioReceiver(request, peer, hooks).RunAsync(token);
            return (int)ExitCode.Ok;
        }

        using var passed = TakePassed(request);
        var targets = request.Targets.Select(target => target.Name).ToList();
        IServeLog log = settings.Json
            ? new JsonServeLog(terminal, targets)
            : new TextServeLog(terminal, settings, targets);
        Warnings.OfPlaintext(request.AllowPlaintext, settings, terminal);
        Warnings.OfRefusingOthers(
            passed is null ? request.Listen.IsLoopback : IPAddress.IsLoopback(passed.LocalAddress.Address),
            Path.Exists(request.Keys.KeyPath),
            request.AllowPlaintext,
            settings,
            terminal
        );
        await new ReceiverDaemon(request, log, terminal, new ProcessLog(terminal, settings), passed).RunAsync(
            token
        );
        new LogWriter(terminal, settings).Write(
            new LogLine(LogLevel.Info, "stopped", "stopped") { Human = "rsyncfs: stopped" }
        );
        return (int)ExitCode.Interrupted;
    }

    /// <summary>The socket on which the service manager listens for this process; null if it does not.</summary>
    private static TcpAcceptor? TakePassed(ServeRequest request)
    {
        var passed = SocketActivation.TryTake();
        if (passed is null || !request.IsListenGiven)
        {
            return passed;
        }

        using (passed)
        {
            throw UsageError.Of(
                $"--listen {request.Listen} is given, and systemd has passed the socket {passed.LocalAddress}",
                "leave --listen out; or change ListenStream= in the .socket unit, or disable that unit"
            );
        }
    }

    private static void RefuseTwice(IEnumerable<string> names, string what)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (!seen.Add(name))
            {
                throw UsageError.Of(
                    $"{what} {name} is there twice",
                    "each --target has its own name and its own device"
                );
            }
        }
    }
}
