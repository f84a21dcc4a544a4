using System.CommandLine;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Commands.Jobs;

/// <summary><c>rsyncfs limit JOB|RECEIVER RATE|off|auto</c>: says to the loop that runs on this machine how fast it may send.</summary>
internal sealed class LimitCommand
{
    /// <summary>The word for what the configuration says.</summary>
    public const string Auto = "auto";

    private readonly Argument<string> _name = new("JOB|RECEIVER")
    {
        Description = "A job, a receiver of its configuration, or one way: db01/dr2.",
    };

    private readonly Argument<string> _rate = new("RATE|off|auto")
    {
        Description =
            "How fast to send at most, in bits (40Mbit/s) or bytes (512KiB/s); off: no limit; auto: as the configuration says.",
    };

    private readonly LoopErrand _errand = new();

    /// <summary>The verb for the command line.</summary>
    public Command Build(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "limit",
            "Change how fast the loop sends, also in cycles that are at work, until 'auto' or its end.",
            "rsyncfs limit dr2 40Mbit/s",
            "rsyncfs limit db01 off",
            "rsyncfs limit db01/dr2 auto"
        );
        command.Arguments.Add(_name);
        command.Arguments.Add(_rate);
        _errand.AddTo(command);
        command.SetAction((parsed, token) => RunAsync(parsed, output.Bind(parsed), terminal, token));
        return command;
    }

    /// <summary>The rate that <paramref name="text"/> says; null for what the configuration says.</summary>
    /// <exception cref="RsyncFsException">It is no rate.</exception>
    public static Rate? Read(string text) =>
        string.Equals(text, Auto, StringComparison.Ordinal) ? null : Rate.Parse(text);

    private async Task<int> RunAsync(
        ParseResult parsed,
        OutputSettings settings,
        Terminal terminal,
        CancellationToken token
    )
    {
        var request = new ControlRequest
        {
            Verb = ControlVerb.Limit,
            Jobs = [parsed.GetRequiredValue(_name)],
            Rate = Read(parsed.GetRequiredValue(_rate))?.ToString() ?? Auto,
        };
        var done = await _errand.AskAsync(parsed, request, terminal, patience: null, token);
        if (settings.Json)
        {
            terminal.Output.WriteLine(JsonLines.Print(done));
        }
        else if (!settings.Quiet)
        {
            terminal.Output.WriteLine($"limit {done.Rate}: {string.Join(' ', done.Ways ?? [])}");
        }

        return (int)ExitCode.Ok;
    }
}
