namespace RsyncFs.SystemTests.Fixtures;

/// <summary>The built executable, run as people run it: a process with arguments.</summary>
/// <param name="prefix">Words before it, as in <c>ip netns exec NAME</c>.</param>
internal sealed class RsyncFsProgram(params string[] prefix)
{
    // Stops before it becomes the program.
    private static readonly string[] StoppedStart = ["sh", "-c", "kill -STOP $$; exec \"$@\"", "sh"];

    /// <summary>The executable. It lies beside the tests because they reference its project.</summary>
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "rsyncfs");

    /// <summary>The same with more words before it.</summary>
    public RsyncFsProgram After(params string[] words) => new([.. prefix, .. words]);

    /// <summary>Runs it to its end.</summary>
    public async Task<ProgramResult> RunAsync(params string[] args)
    {
        await using var running = Start(args);
        return await running.WaitAsync();
    }

    /// <summary>Runs it to its end, which must be success.</summary>
    /// <exception cref="InvalidOperationException">It was not; the message has what it said.</exception>
    public async Task<ProgramResult> RunOkAsync(params string[] args)
    {
        var result = await RunAsync(args);
        return result.ExitCode == 0
            ? result
            : throw new InvalidOperationException($"rsyncfs {string.Join(' ', args)}: {result}");
    }

    /// <summary>Starts it and does not wait. Disposing what is returned ends it.</summary>
    public RunningProgram Start(params string[] args)
    {
        string[] line = [.. prefix, Path, .. args];
        return new RunningProgram(line[0], line[1..]);
    }

    /// <summary>Starts it stopped before its first instruction; a tracer sees all that it does from <c>SIGCONT</c> on.</summary>
    public async Task<RunningProgram> StartStoppedAsync(params string[] args)
    {
        var running = After(StoppedStart).Start(args);
        await Poll.UntilAsync(() =>
            File.ReadLines($"/proc/{running.Id}/status")
                .Any(line => line.StartsWith("State:\tT", StringComparison.Ordinal))
        );
        return running;
    }

    /// <summary>Starts <c>rsyncfs serve</c> with <paramref name="args"/> and waits until senders can connect.</summary>
    /// <exception cref="InvalidOperationException">It ended before that; the message has what it said.</exception>
    public async Task<RunningProgram> ServeAsync(params string[] args)
    {
        var running = Start(["serve", .. args]);
        try
        {
            await running.WaitForErrorLineAsync("rsyncfs: serving ");
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }
}
