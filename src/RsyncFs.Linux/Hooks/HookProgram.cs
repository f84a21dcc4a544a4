using System.ComponentModel;
using System.Diagnostics;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Hooks;

/// <summary>
/// A program that a person wants to be run at a point of a cycle. It gets its words as they are, no shell reads them; it
/// reads nothing; it, and whatever it has started, is in a group of processes of its own, all of which are ended if it
/// takes too long. What it leaves behind when it ends by itself is its own affair: a service that it started, say.
/// </summary>
/// <param name="words">The program, by its absolute path, and its arguments.</param>
/// <param name="timeout">How long it may take.</param>
/// <param name="clock">Tells time.</param>
public sealed class HookProgram(IReadOnlyList<string> words, TimeSpan timeout, TimeProvider clock)
{
    private const string SetSession = "setsid";
    private const int SignalBase = 128;

    // For what it has said and nobody has read yet, though some child of it has the pipe open.
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>From SIGTERM to SIGKILL.</summary>
    public static TimeSpan Grace { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Runs it.</summary>
    /// <param name="environment">Variables that it gets besides those of this process.</param>
    /// <param name="say">Told each line that it writes, and whether to standard error.</param>
    /// <param name="cancellationToken">Ends it, as its time does.</param>
    /// <exception cref="HookException">It could not be started, failed, or its time was over; then no process of its group is left.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; no process of its group is left.</exception>
    public async Task RunAsync(
        IReadOnlyDictionary<string, string> environment,
        Action<string, bool> say,
        CancellationToken cancellationToken
    )
    {
        using var process = Start(environment);
        process.StandardInput.Close();
        // A child that stays has them open for ever; this process need not.
        using var output = process.StandardOutput;
        using var error = process.StandardError;
        var last = new Queue<string>();
        var reading = Task.WhenAll(
            ReadAsync(output, line => say(line, false)),
            ReadAsync(error, line => SayError(line, last, say))
        );
        using var deadline = new CancellationTokenSource(timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            await EndAsync(process);
            cancellationToken.ThrowIfCancellationRequested();
            throw Failed(
                $"it did not end within {timeout.TotalSeconds:0.###} s, and was ended",
                last,
                isCut: true
            );
        }

        _ = await Task.WhenAny(reading, Task.Delay(LastWords, clock, CancellationToken.None));
        if (process.ExitCode != 0)
        {
            // What a signal has ended did not say so itself.
            throw Failed($"exit code {process.ExitCode}", last, isCut: process.ExitCode > SignalBase);
        }
    }

    private Process Start(IReadOnlyDictionary<string, string> environment)
    {
        var session =
            SystemProgram.Find(SetSession)
            ?? throw Failed($"{SetSession} is not installed (util-linux)", new Queue<string>());
        var start = new ProcessStartInfo(session, words)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception failure)
        {
            throw Failed(failure.Message, new Queue<string>());
        }
    }

    private static void SayError(string line, Queue<string> last, Action<string, bool> say)
    {
        const int LastCount = 3;
        lock (last)
        {
            last.Enqueue(line);
            if (last.Count > LastCount)
            {
                last.Dequeue();
            }
        }

        say(line, true);
    }

    private static async Task ReadAsync(StreamReader reader, Action<string> say)
    {
        try
        {
            while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
            {
                say(line);
            }
        }
        catch (Exception gone)
            when (gone is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // It has ended, and nobody waits for what its children say.
        }
    }

    private async Task EndAsync(Process process)
    {
        if (!SignalGroup(process.Id, LibC.SignalTerminate) && !process.HasExited)
        {
            // setsid(1) has not come to it yet: what would become the group is that process. If it has meanwhile, the group is told again.
            _ = LibC.Kill(process.Id, LibC.SignalTerminate);
            _ = SignalGroup(process.Id, LibC.SignalTerminate);
        }

        // The time is that of the group: its leader may have ended, and left to others what they have to put in order.
        var asked = clock.GetTimestamp();
        while (clock.GetElapsedTime(asked) < Grace && IsGroup(process))
        {
            await Task.Delay(Look, clock, CancellationToken.None);
        }

        _ = SignalGroup(process.Id, LibC.SignalKill);
        await process.WaitForExitAsync(CancellationToken.None);
    }

    // A leader that nobody has asked how it ended is in its group still.
    private static bool IsGroup(Process process) =>
        !process.HasExited || SignalGroup(process.Id, LibC.SignalNone);

    // setsid(1) makes the process the leader of a group that has its number. False if there is none.
    private static bool SignalGroup(int group, int signal) => LibC.Kill(-group, signal) == 0;

    private HookException Failed(string cause, Queue<string> last, bool isCut = false)
    {
        string said;
        lock (last)
        {
            said = string.Join('\n', last);
        }

        return new HookException("a hook failed")
        {
            HasEndedItself = !isCut,
            Where = string.Join(' ', words),
            Cause = said.Length == 0 ? cause : $"{cause}\n{said}",
            Hint = "run it by hand, as the user that rsyncfs runs as",
        };
    }
}
