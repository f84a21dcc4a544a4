using RsyncFs.Errors;

namespace RsyncFs.Tests.Laboratory;

/// <summary>
/// Decides which calls of a simulated machine fail. One object is shared by all of its devices and directories, so
/// that a test runs its story once to count the calls, and then once for each of them.
/// </summary>
public sealed class Faults
{
    private readonly Lock _gate = new();
    private long _failingCall = long.MaxValue;
    private bool _staysDown;

    /// <summary>Calls made since the last arming, those that failed included.</summary>
    public long CallCount { get; private set; }

    /// <summary>True from the call that stopped the machine until <see cref="Restart"/>.</summary>
    public bool IsDown { get; private set; }

    /// <summary>Counts from 1 again, and lets call <paramref name="number"/> fail, and only that one: a bad sector, a full disk.</summary>
    public void FailAt(long number) => Arm(number, staysDown: false);

    /// <summary>Counts from 1 again, and lets call <paramref name="number"/> and all behind it fail: the power goes.</summary>
    public void StopAt(long number) => Arm(number, staysDown: true);

    /// <summary>Lets everything work again, and counts from 1.</summary>
    public void Restart() => Arm(long.MaxValue, staysDown: false);

    /// <summary>Counts one call, and says what becomes of it.</summary>
    internal Fate Next()
    {
        lock (_gate)
        {
            CallCount++;
            if (IsDown)
            {
                return Fate.NeverStarts;
            }

            if (CallCount != _failingCall)
            {
                return Fate.Succeeds;
            }

            IsDown = _staysDown;
            return Fate.FailsHalfway;
        }
    }

    /// <summary>The error of a device call that fails.</summary>
    internal DeviceException DeviceError(ErrorId id, string call, string name) =>
        new(id, $"the simulated {call} failed")
        {
            Where = name,
            Cause = $"call {CallCount}{(IsDown ? ", machine down" : "")}",
            Errno = 5,
        };

    /// <summary>The error of a state call that fails.</summary>
    internal StateException StateError(string call, string name) =>
        new(ErrorId.StateIo, $"the simulated {call} failed")
        {
            Where = name,
            Cause = $"call {CallCount}{(IsDown ? ", machine down" : "")}",
        };

    private void Arm(long number, bool staysDown)
    {
        lock (_gate)
        {
            CallCount = 0;
            _failingCall = number;
            _staysDown = staysDown;
            IsDown = false;
        }
    }
}
