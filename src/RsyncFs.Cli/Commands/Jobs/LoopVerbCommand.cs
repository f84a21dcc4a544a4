using System.CommandLine;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Commands.Jobs;

/// <summary><c>rsyncfs trigger | pause | resume JOB...</c>: asks the loop that runs on this machine.</summary>
internal sealed class LoopVerbCommand
{
    private readonly Argument<string[]> _jobs = new("JOB")
    {
        Description = "The jobs.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<bool> _wait = Flag.Of(
        "--wait",
        "Wait until the cycles have ended; the exit code is theirs."
    );

    private readonly Option<string?> _timeout = new("--timeout")
    {
        Description = "How long --wait waits; exit code 5 then. Default: for ever.",
        HelpName = "DUR",
    };

    private readonly Option<string?> _for = new("--for")
    {
        Description = "How long. Default: until 'rsyncfs resume'.",
        HelpName = "DUR",
    };

    private readonly LoopErrand _errand = new();

    /// <summary>The verbs for the command line.</summary>
    public static IEnumerable<Command> Build(OutputOptions output, Terminal terminal)
    {
        yield return new LoopVerbCommand().Build(
            ControlVerb.Trigger,
            new ExampleCommand(
                "trigger",
                "Let the loop begin a cycle of the jobs now. One that is at work gets another behind it.",
                "rsyncfs trigger db01",
                "rsyncfs trigger db01 --wait --timeout 10m"
            ),
            output,
            terminal
        );
        yield return new LoopVerbCommand().Build(
            ControlVerb.Pause,
            new ExampleCommand(
                "pause",
                "Let the loop begin no cycle of the jobs, over its restarts, too. One that is at work goes on to its end.",
                "rsyncfs pause db01",
                "rsyncfs pause db01 web --for 2h"
            ),
            output,
            terminal
        );
        yield return new LoopVerbCommand().Build(
            ControlVerb.Resume,
            new ExampleCommand(
                "resume",
                "Let the loop go on with jobs that were paused.",
                "rsyncfs resume db01"
            ),
            output,
            terminal
        );
    }

    private ExampleCommand Build(
        ControlVerb verb,
        ExampleCommand command,
        OutputOptions output,
        Terminal terminal
    )
    {
        command.Arguments.Add(_jobs);
        if (verb == ControlVerb.Trigger)
        {
            command.Options.Add(_wait);
            command.Options.Add(_timeout);
        }
        else if (verb == ControlVerb.Pause)
        {
            command.Options.Add(_for);
        }

        _errand.AddTo(command);
        command.SetAction((parsed, token) => RunAsync(verb, parsed, output.Bind(parsed), terminal, token));
        return command;
    }

    private async Task<int> RunAsync(
        ControlVerb verb,
        ParseResult parsed,
        OutputSettings settings,
        Terminal terminal,
        CancellationToken token
    )
    {
        var isWaiting = verb == ControlVerb.Trigger && parsed.GetValue(_wait);
        var timeout = verb == ControlVerb.Trigger ? parsed.GetValue(_timeout) : null;
        if (timeout is not null && !isWaiting)
        {
            throw UsageError.Of("--timeout says how long --wait waits", "add --wait");
        }

        var request = new ControlRequest
        {
            Verb = verb,
            Jobs = parsed.GetValue(_jobs),
            Wait = isWaiting,
            Seconds =
                verb == ControlVerb.Pause && parsed.GetValue(_for) is { } length
                    ? TimeLength.Parse(length).TotalSeconds
                    : null,
        };
        var patience =
            !isWaiting ? (TimeSpan?)null
            : timeout is null ? Timeout.InfiniteTimeSpan
            : TimeLength.Parse(timeout);
        var done = await _errand.AskAsync(parsed, request, terminal, patience, token);
        if (settings.Json)
        {
            terminal.Output.WriteLine(JsonLines.Print(done));
        }
        else if (!settings.Quiet)
        {
            terminal.Output.WriteLine($"{done.Status}: {string.Join(' ', done.Jobs)}");
        }

        return done.ExitCode ?? (int)ExitCode.Ok;
    }
}
