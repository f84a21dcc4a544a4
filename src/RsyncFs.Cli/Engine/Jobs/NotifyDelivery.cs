using RsyncFs.Cli.Configuration;
using RsyncFs.Cli.Output;
using RsyncFs.Cli.Output.Logs;
using RsyncFs.Linux.Hooks;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>Tells one program or one address, one thing after the other, beside the work. That it can not be told is a warning, and no more.</summary>
internal sealed class NotifyDelivery : IDisposable
{
    // Whoever takes so long has no use for more.
    private const int MaxWaitingCount = 16;
    private const string Prefix = "RSYNCFS_";

    private static readonly TimeSpan WarnAgain = TimeSpan.FromMinutes(10);

    private readonly NotifyRule _rule;
    private readonly IHookLog _log;
    private readonly TimeProvider _clock;
    private readonly HttpPing? _ping;
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private int _waitingCount;
    private long? _warnedAt;
    private Task _last = Task.CompletedTask;

    /// <summary>Tells nothing yet.</summary>
    public NotifyDelivery(NotifyRule rule, IHookLog log, TimeProvider clock)
    {
        (_rule, _log, _clock) = (rule, log, clock);
        _ping = rule.Ping is { } address ? new HttpPing(address, rule.Timeout, clock) : null;
    }

    /// <summary>Completes when all is told that was to be until now. Never fails.</summary>
    public Task Idle
    {
        get
        {
            lock (_gate)
            {
                return _last;
            }
        }
    }

    /// <summary>Has it told, behind what is to be told already.</summary>
    /// <param name="variables">As hooks get them.</param>
    public void Send(IReadOnlyDictionary<string, string> variables)
    {
        lock (_gate)
        {
            if (_waitingCount == MaxWaitingCount)
            {
                Warn($"it has not taken the last {MaxWaitingCount}: this one is not told");
                return;
            }

            _waitingCount++;
            _last = SendAfterAsync(_last, variables);
        }
    }

    /// <summary>Ends what is being told.</summary>
    public void End() => _end.Cancel();

    /// <summary>To be called when it is <see cref="Idle"/>.</summary>
    public void Dispose()
    {
        _ping?.Dispose();
        _end.Dispose();
    }

    private async Task SendAfterAsync(Task before, IReadOnlyDictionary<string, string> variables)
    {
        // Not on the thread that works.
        await Task.Yield();
        await before;
        try
        {
            await (_ping is { } ping ? ping.SendAsync(BodyOf(variables), _end.Token) : RunAsync(variables));
            _warnedAt = null;
        }
        catch (HookException failure)
        {
            Warn(failure.Cause?.ReplaceLineEndings("; ") ?? failure.Message);
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException)
        {
            // The process ends, or what it said could not be written.
        }
        finally
        {
            lock (_gate)
            {
                _waitingCount--;
            }
        }
    }

    private Task RunAsync(IReadOnlyDictionary<string, string> variables) =>
        new HookProgram(_rule.Run, _rule.Timeout, _clock).RunAsync(
            variables,
            (line, isError) => _log.Hear(_rule.Name, line, isError),
            _end.Token
        );

    private string? BodyOf(IReadOnlyDictionary<string, string> variables) =>
        _rule.IsPost
            ? LogPrinter.Json(
                variables.Select(entry => new LogField(
                    entry.Key[Prefix.Length..].ToLowerInvariant(),
                    entry.Value
                ))
            )
            : null;

    /// <summary>The same trouble at each cycle of a few seconds is said now and then.</summary>
    private void Warn(string cause)
    {
        if (_warnedAt is { } at && _clock.GetElapsedTime(at) < WarnAgain)
        {
            return;
        }

        _warnedAt = _clock.GetTimestamp();
        try
        {
            _log.Warn($"notify {_rule.Name}: {cause}");
        }
        catch (IOException)
        {
            // There is nothing to say it on.
        }
    }
}
