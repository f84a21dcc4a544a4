using System.CommandLine;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Engine.Jobs;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Commands.Jobs;

/// <summary><c>rsyncfs loop JOB...</c>: cycles of jobs of the configuration, until it is told to end.</summary>
internal sealed class LoopCommand
{
    private const int UsualParallelism = 4;

    private readonly Argument<string[]> _jobs = new("JOB")
    {
        Description = "The jobs.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<bool> _all = Flag.Of(
        "--all",
        "All jobs of the configuration, and those that come when it is read again."
    );

    private readonly ConfigOptions _config = new();
    private readonly LoopSocket _socket = new();
    private readonly ParallelismOption _parallelism = new(UsualParallelism);
    private readonly LimitOptions _limits = new("what the configuration says, and 'rsyncfs limit'");
    private readonly SettingOptions _settings = new(isLoop: true);

    /// <summary>The verb for the command line.</summary>
    public Command Build(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "loop",
            "Run jobs of the configuration again and again, each at its interval, until SIGTERM or SIGINT. A destination that fails is tried again, after longer and longer rests, for ever; the others go on. SIGHUP reads the configuration again: jobs that did not change in it go on untouched. SIGUSR2 lifts all bandwidth limits, and lets them hold again when it comes the next time.",
            "rsyncfs loop --all",
            "rsyncfs loop db01 web --interval 5s"
        );
        command.Arguments.Add(_jobs);
        command.Options.Add(_all);
        _config.AddAllTo(command);
        _socket.AddTo(command);
        _parallelism.AddTo(command);
        _limits.AddRateTo(command);
        _settings.AddTo(command);
        command.SetAction((parsed, token) => RunAsync(parsed, output.Bind(parsed), terminal, token));
        return command;
    }

    /// <summary>What the command line asks for.</summary>
    /// <exception cref="RsyncFsException">It can not be understood, or the configuration can not be used.</exception>
    public RunRequest Bind(ParseResult parsed)
    {
        var names = parsed.GetValue(_jobs) ?? [];
        var isAll = parsed.GetValue(_all);
        if (isAll == names.Length > 0)
        {
            throw UsageError.Of(
                isAll ? "--all and the names of jobs" : "no job is named",
                "either name jobs, or say --all"
            );
        }

        var config = _config.Load(parsed);
        var (state, keys) = _config.BindPlaces(parsed, config);
        return new RunRequest
        {
            Config = config,
            Jobs = _settings.Apply(parsed, config.Select(names)),
            StateDirectory = state,
            Keys = keys,
            SocketPath = _socket.Bind(parsed, state),
            Parallelism = _parallelism.Bind(parsed),
            Rates = _limits.BindRates(parsed),
        };
    }

    private async Task<int> RunAsync(
        ParseResult parsed,
        OutputSettings settings,
        Terminal terminal,
        CancellationToken token
    )
    {
        var request = Bind(parsed);
        Warnings.OfPlaintext(
            request.Jobs.Any(job => job.To.Any(there => there.AllowPlaintext)),
            settings,
            terminal
        );
        // Bars of several jobs would wipe each other.
        var told =
            settings.Progress == ProgressStyle.Auto
                ? settings with
                {
                    Progress = ProgressStyle.Log,
                }
                : settings;
        var log = new LoopLog(terminal, told);
        using var loop = new JobsLoop(request, () => Bind(parsed), log, terminal.Clock);
        await loop.RunAsync(token);
        return (int)ExitCode.Interrupted;
    }
}
