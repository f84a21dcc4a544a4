using System.Diagnostics;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>Runs a program of the system and waits for it.</summary>
/// <param name="ExitCode">With what it ended.</param>
/// <param name="Output">What it wrote to its standard output.</param>
/// <param name="Error">What it wrote to its standard error.</param>
public sealed record Command(int ExitCode, string Output, string Error)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>Runs a program, whatever comes of it.</summary>
    public static Command Try(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["LC_ALL"] = "C";
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Deadline))
        {
            process.Kill();
            throw new TimeoutException($"{program} {string.Join(' ', arguments)}: not done after {Deadline}");
        }

        return new Command(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }

    /// <summary>Runs a program that must succeed, and gives what it wrote to its standard output.</summary>
    public static string Run(string program, params string[] arguments)
    {
        var command = Try(program, arguments);
        return command.ExitCode == 0
            ? command.Output
            : throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)} ended with {command.ExitCode}\n{command.Output}{command.Error}"
            );
    }
}
