using System.Runtime.InteropServices;
using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Cli.Output.Logs;
using RsyncFs.Errors;

namespace RsyncFs.Cli;

/// <summary>How a run ended that did not succeed: what is said, and the exit code.</summary>
/// <param name="Error">What is said.</param>
/// <param name="Code">The exit code.</param>
internal sealed record Failure(RsyncFsException Error, ExitCode Code)
{
    /// <summary>
    /// Classifies what was thrown. An end by a signal is that, even if what came up to here is the connection that
    /// broke because of it. What nobody classified is a defect of ours.
    /// </summary>
    public static Failure Of(Exception thrown, PosixSignal? signal)
    {
        if (signal is { } received && thrown is OperationCanceledException or ConnectionException)
        {
            return Interrupted(received);
        }

        if (thrown is RsyncFsException known)
        {
            return new Failure(known, known.ExitCode);
        }

        if (thrown is IOException unwritten)
        {
            // Devices, state and connections have errors of their own; what is left is our own output.
            var output = new RsyncFsException(
                ErrorId.OutputFailed,
                "the result could not be written to the output",
                thrown
            )
            {
                Cause = unwritten.Message,
                Hint = "what was asked for may well be done: run it again and look at the exit code",
            };
            return new Failure(output, output.ExitCode);
        }

        var bug = new RsyncFsException(ErrorId.Bug, $"{thrown.GetType().Name}: {thrown.Message}", thrown)
        {
            Hint = "this is a defect in rsyncfs: please report it with the lines below",
        };
        return new Failure(bug, ExitCode.Bug);
    }

    /// <summary>The exit code of an end by <paramref name="signal"/>: 128 and its number, as shells have it.</summary>
    public static ExitCode CodeOf(PosixSignal signal) =>
        signal == PosixSignal.SIGINT ? ExitCode.Interrupted : ExitCode.Terminated;

    /// <summary>Says it: as text on standard error, or as the last events on standard output.</summary>
    public void Print(Terminal terminal, OutputSettings settings)
    {
        PrintOnly(terminal, settings);
        if (settings.Json)
        {
            new JsonLines(terminal).Write(new ExitEvent { Code = (int)Code });
        }
    }

    /// <summary>As <see cref="Print"/>, where the process goes on.</summary>
    public void PrintOnly(Terminal terminal, OutputSettings settings)
    {
        var all = Error is ConfigException { Errors: var several } ? several : [Error];
        if (!settings.Json)
        {
            var log = new LogWriter(terminal, settings);
            foreach (var error in all)
            {
                log.Write(LogLine.Of(error, ErrorPrinter.Print(error, settings.Verbosity)));
            }

            return;
        }

        var lines = new JsonLines(terminal);
        foreach (var error in all)
        {
            lines.Write(ErrorEvent.Of(error, Code));
        }
    }

    /// <summary>As <see cref="Print"/>, where there may be nothing to say it on: then the exit code says it alone.</summary>
    public void TryPrint(Terminal terminal, OutputSettings settings)
    {
        try
        {
            Print(terminal, settings);
        }
        catch (IOException)
        {
            // A full disk, or a reader that is gone.
        }
    }

    private static Failure Interrupted(PosixSignal signal)
    {
        var error = new RsyncFsException(ErrorId.Interrupted, $"ended by {signal} before it was done")
        {
            Hint = "run the same command again: it goes on from what the target holds",
        };
        return new Failure(error, CodeOf(signal));
    }
}
