using System.Diagnostics;
using System.Globalization;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>
/// Stops a running process at its calls to the kernel: sees them, holds one, lets one fail, or kills the process
/// instead of one. The n-th is counted over all threads of the process, which strace does not do. Disposing it lets
/// the process go on by itself.
/// </summary>
internal sealed class CallTracer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly string Executable = Path.Combine(AppContext.BaseDirectory, "rsyncfs-tracer");

    private readonly Process _process;
    private readonly Task _reader;
    private readonly Lock _gate = new();
    private readonly List<TracedCall> _calls = [];
    private readonly TaskCompletionSource _attached = NewSource();
    private readonly TaskCompletionSource _reached = NewSource();

    private int _isDisposed;

    private CallTracer(IEnumerable<string> args)
    {
        _process = Process.Start(
            new ProcessStartInfo(Executable, args)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            }
        )!;
        _reader = Task.Run(ReadAsync);
    }

    /// <summary>What was seen so far.</summary>
    public IReadOnlyList<TracedCall> Calls
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls];
            }
        }
    }

    /// <summary>Completes when the call has come to which something happens; or fails when the process ends before.</summary>
    public Task Reached => _reached.Task.WaitAsync(Patience);

    /// <summary>True once that call has come.</summary>
    public bool IsReached => _reached.Task.IsCompletedSuccessfully;

    /// <summary>Watches the calls of a process that are about files below <paramref name="paths"/>.</summary>
    public static Task<CallTracer> WatchAsync(int processId, IEnumerable<string> paths) =>
        AttachAsync(processId, paths, [], []);

    /// <summary>The same, and something happens to the n-th call.</summary>
    /// <param name="processId">Whose calls.</param>
    /// <param name="paths">About files whose path begins with one of these.</param>
    /// <param name="names">By these names; all if empty.</param>
    /// <param name="at">To which of them it happens, from 1.</param>
    /// <param name="fate"><c>kill</c>, <c>tear</c> (half a write, then killed), <c>hold</c>, <c>EIO</c>, <c>EMFILE</c> or <c>ENOSPC</c>.</param>
    /// <param name="isForever">True if it happens to all after it, too.</param>
    public static Task<CallTracer> InjectAsync(
        int processId,
        IEnumerable<string> paths,
        IEnumerable<string> names,
        int at,
        string fate,
        bool isForever = false
    ) =>
        AttachAsync(
            processId,
            paths,
            names,
            [
                "--at",
                at.ToString(CultureInfo.InvariantCulture),
                fate,
                .. isForever ? (string[])["--forever"] : [],
            ]
        );

    /// <summary>Lets the call go on that is held.</summary>
    public async Task LetGoAsync()
    {
        await _process.StandardInput.WriteLineAsync("go");
        await _process.StandardInput.FlushAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        // The kernel detaches it from what it traced.
        _process.Kill();
        await _process.WaitForExitAsync();
        await _reader;
        _process.Dispose();
    }

    private static async Task<CallTracer> AttachAsync(
        int processId,
        IEnumerable<string> paths,
        IEnumerable<string> names,
        IEnumerable<string> what
    )
    {
        var tracer = new CallTracer([
            processId.ToString(CultureInfo.InvariantCulture),
            .. paths.SelectMany(path => (string[])["--path", path]),
            .. names.SelectMany(name => (string[])["--call", name]),
            .. what,
        ]);
        try
        {
            await tracer._attached.Task.WaitAsync(Patience);
            return tracer;
        }
        catch
        {
            await tracer.DisposeAsync();
            throw;
        }
    }

    private static TaskCompletionSource NewSource() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (string.Equals(line, "attached", StringComparison.Ordinal))
            {
                _attached.TrySetResult();
            }
            else if (TracedCall.TryParse(line) is { } call)
            {
                lock (_gate)
                {
                    _calls.Add(call);
                }

                if (call.Fate is not "pass")
                {
                    _reached.TrySetResult();
                }
            }
        }

        var silent = new InvalidOperationException(
            $"the tracer ended: {await _process.StandardError.ReadToEndAsync()}"
        );
        _attached.TrySetException(silent);
        if (_reached.TrySetException(silent))
        {
            // Nobody may be waiting for it.
            _ = _reached.Task.Exception;
        }
    }
}
