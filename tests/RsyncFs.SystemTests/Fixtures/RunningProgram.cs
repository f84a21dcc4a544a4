using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>A process that runs beside the test. Disposing it kills it if it is still there.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    /// <summary>After this long a test fails instead of waiting on.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task _errorReader;
    private readonly Lock _gate = new();
    private readonly StringBuilder _error = new();
    private readonly List<(string Part, TaskCompletionSource<string> Found)> waiting = [];
    private bool _isErrorOver;

    /// <summary>Starts it.</summary>
    public RunningProgram(string file, IEnumerable<string> args)
    {
        _process = Process.Start(
            new ProcessStartInfo(file, args)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            }
        )!;
        _process.StandardInput.Close();
        _output = _process.StandardOutput.ReadToEndAsync();
        _errorReader = Task.Run(ReadErrorAsync);
    }

    /// <summary>Its process id.</summary>
    public int Id => _process.Id;

    /// <summary>True once it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>What it wrote to standard error so far.</summary>
    public string ErrorSoFar
    {
        get
        {
            lock (_gate)
            {
                return _error.ToString();
            }
        }
    }

    /// <summary>The port that <c>serve</c> said it listens on.</summary>
    public async Task<int> PortAsync()
    {
        var line = await WaitForErrorLineAsync("rsyncfs: serving ");
        return int.Parse(line[(line.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>The first line on standard error that contains <paramref name="part"/>, said already or yet to come.</summary>
    /// <exception cref="InvalidOperationException">It ended without saying that; the message has what it said.</exception>
    public Task<string> WaitForErrorLineAsync(string part)
    {
        lock (_gate)
        {
            var said = _error
                .ToString()
                .Split('\n')
                .FirstOrDefault(line => line.Contains(part, StringComparison.Ordinal));
            if (said is not null)
            {
                return Task.FromResult(said);
            }

            if (_isErrorOver)
            {
                return Task.FromException<string>(Silent(part));
            }

            var found = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Add((part, found));
            return found.Task.WaitAsync(Patience);
        }
    }

    /// <summary>Sends a signal by its name: <c>TERM</c>, <c>INT</c>, <c>KILL</c>.</summary>
    public void Signal(string name) =>
        Command.Run("kill", "-s", name, Id.ToString(CultureInfo.InvariantCulture));

    /// <summary>Kills it, at once and without another process for it.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Asks it to end and waits for that.</summary>
    public Task<ProgramResult> StopAsync()
    {
        Signal("TERM");
        return WaitAsync();
    }

    /// <summary>Waits for its end.</summary>
    /// <exception cref="TimeoutException">It goes on and on.</exception>
    public async Task<ProgramResult> WaitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        await _errorReader.WaitAsync(Patience);
        lock (_gate)
        {
            return new ProgramResult(_process.ExitCode, _output.GetAwaiter().GetResult(), _error.ToString());
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private async Task ReadErrorAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_gate)
            {
                _error.Append(line).Append('\n');
                foreach (
                    var (_, found) in waiting.Where(wait =>
                        line.Contains(wait.Part, StringComparison.Ordinal)
                    )
                )
                {
                    found.TrySetResult(line);
                }
            }
        }

        lock (_gate)
        {
            _isErrorOver = true;
            foreach (var (part, found) in waiting)
            {
                found.TrySetException(Silent(part));
            }
        }
    }

    private InvalidOperationException Silent(string part) =>
        new($"it ended without saying '{part}' but said: {_error}");
}
