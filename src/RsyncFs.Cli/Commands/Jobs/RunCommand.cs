using System.CommandLine;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Engine.Jobs;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Commands.Jobs;

/// <summary><c>rsyncfs run [JOB...]</c>: one cycle of each job of the configuration, as cron does it; <c>rsyncfs plan</c> says what it would do.</summary>
/// <param name="isPlan">True for <c>plan</c>.</param>
internal sealed class RunCommand(bool isPlan = false)
{
    private static readonly Choice<BusyPolicy> Policies = new(
        "--if-running",
        ("fail", BusyPolicy.Fail),
        ("skip", BusyPolicy.Skip),
        ("wait", BusyPolicy.Wait)
    );

    private readonly Argument<string[]> _jobs = new("JOB")
    {
        Description = "The jobs. Default: all of the configuration.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly ConfigOptions _config = new();

    private readonly Option<bool> _dryRun = Flag.Of(
        "--dry-run",
        "Say what would be read, changed and sent; write nothing.",
        "-n"
    );

    private readonly Option<string[]> _to = new("--to")
    {
        Description = "Only to this receiver, or to this local device or image. May be given several times.",
        HelpName = "RECEIVER",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly ParallelismOption _parallelism = new(1);

    private readonly Option<string?> _ifRunning = new("--if-running")
    {
        Description =
            "What becomes of a job that another run is at work on; fail: exit code 11; skip: it is left to the other; wait: it comes next. Default: fail.",
        HelpName = Policies.HelpName,
    };

    private readonly Option<string?> _wait = new("--wait")
    {
        Description = "How long --if-running wait waits. Default: 10m.",
        HelpName = "DUR",
    };

    private readonly LimitOptions _limits = new("what the configuration says");
    private readonly SettingOptions _settings = new(isLoop: false);

    /// <summary>The verb for the command line.</summary>
    public Command Build(OutputOptions output, Terminal terminal)
    {
        var command = isPlan
            ? new ExampleCommand(
                "plan",
                "Say what one cycle of each job would read, change and send, as 'run --dry-run' does; write nothing.",
                "rsyncfs plan",
                "rsyncfs plan db01 --to backup1"
            )
            : new ExampleCommand(
                "run",
                "Run one cycle of each job of the configuration, or of those that are named. A job that fails does not keep the others from theirs; exit code 4 says that some failed and some did not.",
                "rsyncfs run",
                "rsyncfs run --quiet --if-running skip",
                "rsyncfs run --dry-run db01 web"
            );
        command.Arguments.Add(_jobs);
        _config.AddAllTo(command);
        Option[] others = isPlan ? [_to, _ifRunning, _wait] : [_dryRun, _to, _ifRunning, _wait];
        Array.ForEach(others, command.Options.Add);
        _parallelism.AddTo(command);
        if (!isPlan)
        {
            _limits.AddTo(command);
        }

        _settings.AddTo(command);
        command.SetAction((parsed, token) => RunAsync(parsed, output.Bind(parsed), terminal, token));
        return command;
    }

    /// <summary>What the command line asks for.</summary>
    /// <exception cref="RsyncFsException">It can not be understood, or the configuration can not be used.</exception>
    public RunRequest Bind(ParseResult parsed)
    {
        var policy = Policies.Parse(parsed.GetValue(_ifRunning) ?? "fail");
        if (policy != BusyPolicy.Wait && parsed.GetValue(_wait) is not null)
        {
            throw UsageError.Of("--wait says how long --if-running wait waits", "add --if-running wait");
        }

        var config = _config.Load(parsed);
        var (state, keys) = _config.BindPlaces(parsed, config);
        return new RunRequest
        {
            Config = config,
            Jobs = _settings.Apply(
                parsed,
                Only(config.Select(parsed.GetValue(_jobs) ?? []), parsed.GetValue(_to) ?? [])
            ),
            StateDirectory = state,
            Keys = keys,
            Parallelism = _parallelism.Bind(parsed),
            IsDryRun = isPlan || parsed.GetValue(_dryRun),
            Rates = isPlan ? null : _limits.BindRates(parsed),
            IfRunning = policy,
            Patience = TimeLength.Parse(parsed.GetValue(_wait) ?? "10m"),
        };
    }

    private async Task<int> RunAsync(
        ParseResult parsed,
        OutputSettings settings,
        Terminal terminal,
        CancellationToken token
    )
    {
        var request = Bind(parsed) with
        {
            Budget = isPlan ? null : _limits.BindBudget(parsed, terminal.Clock),
        };
        var isAlone = request.Jobs is [{ To: [_] }];
        Warnings.OfPlaintext(
            request.Jobs.Any(job => job.To.Any(there => there.AllowPlaintext)),
            settings,
            terminal
        );
        var outcomes = await JobsRun.RunAsync(
            request,
            terminal,
            // Bars of several jobs would wipe each other.
            isAlone || settings.Progress != ProgressStyle.Auto
                ? settings
                : settings with
                {
                    Progress = ProgressStyle.Log,
                },
            token
        );
        var code = ErrorCatalogue.ExitCodeOf([.. outcomes.Select(outcome => outcome.Code)]);
        if (settings.Json)
        {
            var ok = outcomes.Count(outcome => outcome.IsOk);
            new JsonLines(terminal).Write(
                new ExitEvent
                {
                    Code = (int)code,
                    Ok = ok,
                    Failed = outcomes.Count - ok,
                }
            );
        }

        return (int)code;
    }

    private static IReadOnlyList<Job> Only(IReadOnlyList<Job> jobs, string[] receivers)
    {
        if (receivers.Length == 0)
        {
            return jobs;
        }

        var known = jobs.SelectMany(job => job.To)
            .Select(there => there.Name)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        foreach (var name in receivers.Where(name => !known.Contains(name, StringComparer.Ordinal)))
        {
            throw UsageError.Of(
                $"no job goes to '{name}'",
                CommandLine.DidYouMean(name, known, $"they go to: {string.Join(' ', known)}")
            );
        }

        return
        [
            .. jobs.Select(job =>
                    job with
                    {
                        To =
                        [
                            .. job.To.Where(there => receivers.Contains(there.Name, StringComparer.Ordinal)),
                        ],
                    }
                )
                .Where(job => job.To.Count > 0),
        ];
    }
}
