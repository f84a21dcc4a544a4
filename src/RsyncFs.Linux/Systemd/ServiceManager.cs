using System.Globalization;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Systemd;

/// <summary>
/// Tells the service manager that started this process how it is: sd_notify(3), and sd_watchdog_enabled(3). Where none
/// asks for it, nothing is said.
/// </summary>
public sealed class ServiceManager : IDisposable
{
    // More often than asked for does no harm, and timers have their limits.
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromHours(1);
    private static readonly TimeSpan ShortestPeriod = TimeSpan.FromMilliseconds(1);

    private readonly NotifySocket? _socket;
    private readonly TimeSpan? _alivePeriod;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private ITimer? _alive;
    private bool _isReady;

    internal ServiceManager(string? address, TimeSpan? alivePeriod, TimeProvider clock)
    {
        _socket = NotifySocket.TryAt(address);
        _alivePeriod = alivePeriod;
        _clock = clock;
    }

    /// <summary>The one that started this process. What tells of it is taken out of the environment: no child is to speak for this process.</summary>
    public static ServiceManager OfProcess(TimeProvider clock) =>
        new(
            Take("NOTIFY_SOCKET"),
            AlivePeriodOf(Take("WATCHDOG_USEC"), Take("WATCHDOG_PID"), Environment.ProcessId),
            clock
        );

    /// <summary>What <c>systemctl status</c> shows from now on.</summary>
    /// <param name="status">One line.</param>
    public void Say(string status) => _socket?.Send($"STATUS={status}");

    /// <summary>Says that the service can be used. From now on a watchdog that was asked for hears that this process lives.</summary>
    /// <param name="status">As in <see cref="Say"/>.</param>
    public void Ready(string status)
    {
        lock (_gate)
        {
            _isReady = true;
            _socket?.Send($"READY=1\nSTATUS={status}");
            if (_socket is { } socket && _alivePeriod is { } period)
            {
                // From the pool of threads that all work is done on: when that stands still, so does this.
                _alive ??= _clock.CreateTimer(_ => socket.Send("WATCHDOG=1"), state: null, period, period);
            }
        }
    }

    /// <summary>Does <paramref name="reload"/>, and says before and behind it that this is so, however it ends. Before and behind the service's time nothing is said.</summary>
    public void Reload(Action reload)
    {
        lock (_gate)
        {
            SayIfReady($"RELOADING=1\nMONOTONIC_USEC={MonotonicMicroseconds()}");
        }

        try
        {
            reload();
        }
        finally
        {
            lock (_gate)
            {
                SayIfReady("READY=1");
            }
        }
    }

    /// <summary>Says that the service ends.</summary>
    /// <param name="status">As in <see cref="Say"/>.</param>
    public void Stopping(string status)
    {
        lock (_gate)
        {
            _isReady = false;
            _socket?.Send($"STOPPING=1\nSTATUS={status}");
        }
    }

    /// <summary>The watchdog hears nothing any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _alive?.Dispose();
            _alive = null;
        }
    }

    /// <summary>Half of the time after which the watchdog gives the process up; null if none watches it.</summary>
    internal static TimeSpan? AlivePeriodOf(string? microseconds, string? watchedProcess, int processId)
    {
        var isWatched = watchedProcess is null || NumberIn(watchedProcess) == processId;
        return isWatched && NumberIn(microseconds) is { } time and > 0
            ? TimeSpan.FromMicroseconds(
                Math.Clamp(
                    time / 2,
                    (long)ShortestPeriod.TotalMicroseconds,
                    (long)LongestPeriod.TotalMicroseconds
                )
            )
            : null;
    }

    private void SayIfReady(string lines)
    {
        if (_isReady)
        {
            _socket?.Send(lines);
        }
    }

    private static string? Take(string variable)
    {
        var value = Environment.GetEnvironmentVariable(variable);
        Environment.SetEnvironmentVariable(variable, value: null);
        return value;
    }

    private static long? NumberIn(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    // Of CLOCK_MONOTONIC: sd_notify(3), MONOTONIC_USEC.
    private static unsafe long MonotonicMicroseconds()
    {
        var time = stackalloc long[2];
        _ = LibC.ReadClock(LibC.MonotonicClock, time);
        return (time[0] * 1_000_000) + (time[1] / 1_000);
    }
}
