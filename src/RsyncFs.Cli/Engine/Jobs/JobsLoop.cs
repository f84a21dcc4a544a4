using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Commands.Jobs;
using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Engine.Control;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using RsyncFs.Linux.Sockets;
using RsyncFs.Linux.State;
using RsyncFs.Linux.Systemd;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>
/// Jobs, cycle after cycle, until it is told to end. Each stands for itself. When the configuration is read again, those
/// that are the same in it go on untouched.
/// </summary>
internal sealed class JobsLoop : IDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(3650);

    private readonly RunRequest _first;
    private readonly Func<RunRequest> _read;
    private readonly LoopLog _log;
    private readonly TimeProvider _clock;
    private readonly string _socketPath;
    private readonly PauseBook _pauses;
    private readonly LimitBook _limits = new();
    private readonly SemaphoreSlim _turns;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Dictionary<string, RunningJob> _running = new(StringComparer.Ordinal);
    private readonly List<(HashSet<string> Devices, Task Work)> _leaving = [];
    private readonly Lock _reloading = new();
    private readonly Notifier _notifier;
    private bool _isEnding;

    /// <summary>Makes one that has not begun.</summary>
    /// <param name="request">What is asked for now.</param>
    /// <param name="read">What is asked for when the configuration is read again.</param>
    /// <param name="log">Told what the jobs live through.</param>
    /// <param name="clock">Tells time.</param>
    public JobsLoop(RunRequest request, Func<RunRequest> read, LoopLog log, TimeProvider clock)
    {
        (_read, _log, _clock) = (read, log, clock);
        _socketPath = request.SocketPath;
        _pauses = new PauseBook(request.StateDirectory);
        _turns = new SemaphoreSlim(request.Parallelism);
        _notifier = new Notifier(log.Programs, log.RunId, clock);
        _first = request;
    }

    /// <summary>Runs until cancelled. When this returns no cycle is at work.</summary>
    /// <exception cref="RsyncFsException">The control socket can not be had. No cycle has begun.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        StateOwner.Require(Path.GetDirectoryName(_socketPath)!);
        using var control = ControlAcceptor.Listen(_socketPath);
        using var hangUp = new HangUp();
        using var lifting = new LimitSignal(() => _log.LimitsLifted(_limits.Toggle()));
        using var manager = ServiceManager.OfProcess(_clock);
        Apply(_first);
        hangUp.Then(() => manager.Reload(Reload));
        using var status = _log.WhenAsked(TellWaiting);
        var people = new ControlServer(control, ExecuteAsync, _clock).RunAsync(_end.Token);
        _log.Ready(_running.Count, [.. _running.Keys.Where(IsPaused)]);
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
            last =
            [
                .. _running.Values.Select(job => job.DisposeAsync().AsTask()),
                .. _leaving.Select(left => left.Work),
            ];
        }

        await _end.CancelAsync();
        await Task.WhenAll([.. last, people]);
        await _notifier.DisposeAsync();
    }

    /// <summary>Reads the configuration again. If it can not be used, all goes on as it is, and that is said.</summary>
    public void Reload()
    {
        lock (_reloading)
        {
            try
            {
                var request = _read();
                RefuseOtherState(request);
                Apply(request);
                _log.Reloaded(_running.Count);
            }
#pragma warning disable CA1031 // The end of a signal: cycles are at work, and go on whatever is wrong with a file.
            catch (Exception wrong)
#pragma warning restore CA1031
            {
                _log.NotReloaded(Failure.Of(wrong, signal: null).Error);
            }
        }
    }

    /// <summary>Where the loop is asked, and what is paused, is in the state directory with which it began.</summary>
    private void RefuseOtherState(RunRequest request)
    {
        if (!string.Equals(request.StateDirectory, _first.StateDirectory, StringComparison.Ordinal))
        {
            throw new RsyncFsException(ErrorId.ConfigInvalid, "the state directory is another one now")
            {
                Where = request.StateDirectory,
                Cause = $"this loop began with {_first.StateDirectory}",
                Hint = "restart the loop",
            };
        }
    }

    private void TellWaiting()
    {
        List<JobLoop> all;
        lock (_gate)
        {
            all = [.. _running.Values.Select(job => job.Loop)];
        }

        foreach (var there in all.SelectMany(loop => loop.Waiting()))
        {
            _log.Waiting(there);
        }
    }

    private bool IsPaused(string job) => _pauses.UntilOf(job) > _clock.GetUtcNow();

    private static HashSet<string> DevicesOf(Job job) => new(job.Device.Split(','), StringComparer.Ordinal);

    /// <summary>Does what a person asks of the jobs.</summary>
    /// <exception cref="RsyncFsException">There is no such job here, or it is paused, or has ended meanwhile.</exception>
    private async Task<ControlDocument> ExecuteAsync(ControlRequest asked, CancellationToken caller)
    {
        if (asked.Verb == ControlVerb.Limit)
        {
            return Limit(asked);
        }

        var jobs = Find(asked.Jobs ?? []);
        switch (asked.Verb)
        {
            case ControlVerb.Trigger:
                return await TriggerAsync(jobs, asked.Wait, caller);
            case ControlVerb.Pause:
                var until = asked.Seconds is { } seconds
                    ? _clock.GetUtcNow().AddSeconds(Math.Min(seconds, LongestPause.TotalSeconds))
                    : DateTimeOffset.MaxValue;
                NotePause(jobs, until);
                return new LoopChangeDocument
                {
                    Status = "paused",
                    Jobs = NamesOf(jobs),
                    Until = until == DateTimeOffset.MaxValue ? null : until.UtcDateTime,
                };
            case ControlVerb.Resume:
                NotePause(jobs, until: null);
                return new LoopChangeDocument { Status = "resumed", Jobs = NamesOf(jobs) };
            default:
                throw new RsyncFsException(ErrorId.Usage, $"a loop does not know '{asked.Verb}'")
                {
                    Hint = "that is for the receiver: its socket is another",
                };
        }
    }

    private LoopChangeDocument Limit(ControlRequest asked)
    {
        List<JobWay> all;
        lock (_gate)
        {
            all = [.. _running.Values.SelectMany(job => job.Ways)];
        }

        var rate = LimitCommand.Read(asked.Rate ?? "");
        var ways = _limits.Say(asked.Jobs is [var name] ? name : "", rate, all);
        var done = new LoopChangeDocument
        {
            Status = "limited",
            Jobs = [.. ways.Select(way => way.Job).Distinct(StringComparer.Ordinal)],
            Rate = rate?.ToString() ?? LimitCommand.Auto,
            Ways = [.. ways.Select(way => way.ToString())],
        };
        _log.Limited(done.Rate, done.Ways);
        return done;
    }

    private async Task<LoopChangeDocument> TriggerAsync(
        List<RunningJob> jobs,
        bool isWaiting,
        CancellationToken caller
    )
    {
        foreach (var job in jobs.Where(job => IsPaused(job.Name)))
        {
            throw new RefusedException(ErrorId.Locked, $"job {job.Name} is paused")
            {
                Hint = $"rsyncfs resume {job.Name}",
            };
        }

        var triggered = jobs.Select(job => job.Loop.Trigger()).ToList();
        if (!isWaiting)
        {
            return new LoopChangeDocument { Status = "triggered", Jobs = NamesOf(jobs) };
        }

        var codes = await Task.WhenAll(triggered).WaitAsync(caller);
        return new LoopChangeDocument
        {
            Status = "ended",
            Jobs = NamesOf(jobs),
            ExitCode = (int)ErrorCatalogue.ExitCodeOf([.. codes.SelectMany(code => code)]),
        };
    }

    private void NotePause(List<RunningJob> jobs, DateTimeOffset? until)
    {
        try
        {
            _pauses.Note(NamesOf(jobs), until);
        }
        finally
        {
            jobs.ForEach(job => job.Loop.LookAgain());
        }

        _log.Paused(NamesOf(jobs), until);
    }

    private List<RunningJob> Find(IReadOnlyList<string> names)
    {
        lock (_gate)
        {
            foreach (var name in names.Where(name => !_running.ContainsKey(name)))
            {
                throw new RsyncFsException(ErrorId.Usage, $"the loop has no job '{name}'")
                {
                    Hint = NearestWord.Find(name, _running.Keys) is { } nearest
                        ? $"did you mean '{nearest}'?"
                        : $"it has: {string.Join(' ', _running.Keys)}",
                };
            }

            return [.. names.Select(name => _running[name])];
        }
    }

    private static List<string> NamesOf(List<RunningJob> jobs) => [.. jobs.Select(job => job.Name)];

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Dispose();
        _turns.Dispose();
    }

    private void Apply(RunRequest request)
    {
        var cycle = new JobCycle(request, _clock, _log.Open, _log.RunId, _notifier, _limits);
        lock (_gate)
        {
            if (_isEnding)
            {
                return;
            }

            _notifier.Use(request.Config.Notify, request.Jobs, watchesLag: true);
            var wanted = request.Jobs.ToDictionary(job => job.Name, StringComparer.Ordinal);
            _leaving.RemoveAll(left => left.Work.IsCompleted);
            foreach (var (name, running) in _running.ToList())
            {
                if (!wanted.TryGetValue(name, out var job) || !running.IsOf(job, request))
                {
                    _running.Remove(name);
                    _leaving.Add((running.Devices, running.DisposeAsync().AsTask()));
                }
            }

            foreach (var (name, job) in wanted.Where(entry => !_running.ContainsKey(entry.Key)))
            {
                // What it reads the job of before may still be at work on. Others are no reason to wait.
                var before = _leaving.Where(left => left.Devices.Overlaps(DevicesOf(job)));
                _running.Add(
                    name,
                    new RunningJob(job, request, cycle, Task.WhenAll(before.Select(left => left.Work)), this)
                );
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
            Loop = new JobLoop(job, cycle, loop._turns, loop._pauses, loop._clock);
            _work = RunAsync();

            async Task RunAsync()
            {
                await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await Loop.RunAsync(_noMore.Token, loop._end.Token);
            }
        }

        public string Name => _job.Name;

        public IEnumerable<JobWay> Ways => _job.To.Select(to => new JobWay(Name, to.Name));

        public HashSet<string> Devices => DevicesOf(_job);

        public JobLoop Loop { get; }

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
