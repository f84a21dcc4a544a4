using System.Globalization;
using RsyncFs.SystemTests.Fixtures;

namespace RsyncFs.SystemTests.Jobs.CompressedMonth;

/// <summary>The process that has all jobs. What it says goes into files, because it is much.</summary>
/// <param name="program">rsyncfs at the sender's end.</param>
/// <param name="config">The path of its configuration.</param>
/// <param name="state">Its state directory.</param>
/// <param name="eventsDirectory">Where its events go, one file for each start of it.</param>
internal sealed class MonthLoop(RsyncFsProgram program, string config, string state, string eventsDirectory)
    : IAsyncDisposable
{
    /// <summary>Jobs that are at work at a time.</summary>
    public const int Parallelism = 8;

    private int _startCount;

    /// <summary>The process; null while there is none.</summary>
    public RunningProgram? Process { get; private set; }

    private string Socket => Path.Combine(state, "loop.sock");

    /// <summary>Starts it, and waits until it hears.</summary>
    public async Task StartAsync()
    {
        var events = Path.Combine(eventsDirectory, $"events-{++_startCount:00000}");
        Process = program
            .After("env", $"EVENTS={events}", "sh", "-c", "exec \"$@\" >\"$EVENTS\"", "sh")
            .Start("loop", "--all", "--config", config, "--json", "--jobs", $"{Parallelism}");
        await Poll.UntilAsync(() => Process.HasExited || (HearsHangUp(Process.Id) && File.Exists(Socket)));
        if (Process.HasExited)
        {
            throw new InvalidOperationException($"the loop did not start: {await Process.WaitAsync()}");
        }
    }

    /// <summary>Ends it, by kill -9 or by SIGTERM.</summary>
    public async Task<ProgramResult> EndAsync(bool isKilled)
    {
        if (isKilled)
        {
            Process!.Kill();
        }

        var ended = isKilled ? await Process!.WaitAsync() : await Process!.StopAsync();
        await Process.DisposeAsync();
        Process = null;
        return ended;
    }

    /// <summary>Has it read its configuration again, if it is there; else it will.</summary>
    public void Reload()
    {
        if (Process is { HasExited: false })
        {
            Process.Signal("HUP");
        }
    }

    /// <summary>Asks it something, whatever its configuration has become.</summary>
    public Task<ProgramResult> AskAsync(params string[] words) =>
        new RsyncFsProgram().RunAsync([.. words, "--socket", Socket]);

    /// <summary>The events of all that ran so far, line by line; the last line of one that was killed may be cut.</summary>
    public IEnumerable<string> Events() =>
        Directory.EnumerateFiles(eventsDirectory).Order(StringComparer.Ordinal).SelectMany(File.ReadLines);

    /// <summary>True if SIGHUP does not end it any more: proc_pid_status(5).</summary>
    private static bool HearsHangUp(int id)
    {
        const string Caught = "SigCgt:";
        const ulong HangUp = 1;
        var line = File.ReadLines($"/proc/{id}/status")
            .First(status => status.StartsWith(Caught, StringComparison.Ordinal));
        var mask = ulong.Parse(
            line.AsSpan(Caught.Length).Trim(),
            NumberStyles.HexNumber,
            CultureInfo.InvariantCulture
        );
        return (mask & HangUp) != 0;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Process is not null)
        {
            await Process.DisposeAsync();
        }
    }
}
