using RsyncFs.Cli.Commands.Jobs;
using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using RsyncFs.Linux.Systemd;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>
/// Jobs, cycle after cycle, until it is told to end. Each stands for itself. When the configuration is read again, those
/// that are the same in it go on untouched.
/// </summary>
internal sealed class JobsLoop : IDisposable
{
    private readonly Func<RunRequest> _read;
    private readonly LoopLog _log;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _turns;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Dictionary<string, RunningJob> _running = new(StringComparer.Ordinal);
    private readonly List<Task> _leaving = [];
    private bool _isEnding;

    /// <summary>Makes one that has not begun.</summary>
    /// <param name="request">What is asked for now.</param>
    /// <param name="read">What is asked for when the configuration is read again.</param>
    /// <param name="log">Told what the jobs live through.</param>
    /// <param name="clock">Tells time.</param>
    public JobsLoop(RunRequest request, Func<RunRequest> read, LoopLog log, TimeProvider clock)
    {
        (_read, _log, _clock) = (read, log, clock);
        _turns = new SemaphoreSlim(request.Parallelism);
        Apply(request);
    }

    /// <summary>Runs until cancelled. When this returns no cycle is at work.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var hangUp = new HangUp();
        using var manager = ServiceManager.OfProcess(_clock);
        hangUp.Then(() => manager.Reload(Reload));
        _log.Ready(_running.Count);
        manager.Ready($"jobs: {_running.Count}");
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellationToken.Register(ended.SetResult))
        {
            await ended.Task;
        }

        manager.Stopping("ending what has begun");
        List<Task> last;
        lock (_gate)
        {
            _isEnding = true;
            last = [.. _running.Values.Select(job => job.DisposeAsync().AsTask()), .. _leaving];
        }

        await _end.CancelAsync();
        await Task.WhenAll(last);
    }

    /// <summary>Reads the configuration again. If it can not be used, all goes on as it is, and that is said.</summary>
    public void Reload()
    {
        try
        {
            Apply(_read());
            _log.Reloaded(_running.Count);
        }
        catch (RsyncFsException wrong)
        {
            _log.NotReloaded(wrong);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Dispose();
        _turns.Dispose();
    }

    private void Apply(RunRequest request)
    {
        var cycle = new JobCycle(request, _clock, _log.Open, _log.RunId);
        lock (_gate)
        {
            if (_isEnding)
            {
                return;
            }

            var wanted = request.Jobs.ToDictionary(job => job.Name, StringComparer.Ordinal);
            _leaving.RemoveAll(task => task.IsCompleted);
            foreach (var (name, running) in _running.ToList())
            {
                if (!wanted.TryGetValue(name, out var job) || !running.IsOf(job, request))
                {
                    _running.Remove(name);
                    _leaving.Add(running.DisposeAsync().AsTask());
                }
            }

            // What a job reads or writes another may still be at work on, that was changed.
            var before = Task.WhenAll(_leaving);
            foreach (var (name, job) in wanted.Where(entry => !_running.ContainsKey(entry.Key)))
            {
                _running.Add(name, new RunningJob(job, request, cycle, before, this));
            }
        }
    }

    /// <summary>A job at work, and the way to end it.</summary>
    private sealed class RunningJob : IAsyncDisposable
    {
        private readonly Job _job;
        private readonly RunRequest _request;
        private readonly CancellationTokenSource _noMore = new();
        private readonly Task _work;

        public RunningJob(Job job, RunRequest request, JobCycle cycle, Task before, JobsLoop loop)
        {
            (_job, _request) = (job, request);
            _work = RunAsync();

            async Task RunAsync()
            {
                await before;
                var work = new JobLoop(job, cycle, loop._turns, loop._clock);
                await work.RunAsync(_noMore.Token, loop._end.Token);
            }
        }

        public bool IsOf(Job job, RunRequest request) =>
            string.Equals(
                JobIdentity.Of(_job, _request),
                JobIdentity.Of(job, request),
                StringComparison.Ordinal
            );

        /// <summary>Lets it end when its cycle has ended.</summary>
        public async ValueTask DisposeAsync()
        {
            await _noMore.CancelAsync();
            await _work;
            _noMore.Dispose();
        }
    }
}
