using RsyncFs.Errors;

namespace RsyncFs.Tests.Laboratory;

/// <summary>
/// Decides which calls of a simulated machine fail. One object is shared by all of its devices and directories, so
/// that a test runs its story once to count the calls, and then once for each of them. A machine does one thing after
/// the other.
/// </summary>
public sealed class Faults
{
    private const int Never = 0;

    private long _failingCall = Never;
    private FaultKind _kind;

    /// <summary>Calls made since the last arming, those that failed included.</summary>
    public long CallCount { get; private set; }

    /// <summary>True from the call that stopped the machine until <see cref="Restart"/>.</summary>
    public bool IsDown { get; private set; }

    /// <summary>True if the call that was to fail was made, and was of a kind that can fail so.</summary>
    public bool HasStruck { get; private set; }

    /// <summary>Held by whoever does something to the machine.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>True while there is no room any more.</summary>
    internal bool IsFull => HasStruck && _kind == FaultKind.NoRoomFromHere;

    /// <summary>Which paths may suffer <see cref="FaultKind.LostWrite"/> and <see cref="FaultKind.StrayWrite"/>.</summary>
    internal Func<string, bool> MayLie { get; set; } = _ => true;

    /// <summary>Told of each call before it happens, in the order in which they happen.</summary>
    internal OperationObserver? Observer { get; set; }

    /// <summary>Counts from 1 again, and lets call <paramref name="number"/> fail, and only that one: a bad sector, a full disk.</summary>
    public void FailAt(long number, FaultKind kind = FaultKind.Io)
    {
        lock (Gate)
        {
            CallCount = 0;
            _failingCall = number;
            _kind = kind;
            IsDown = false;
            HasStruck = false;
        }
    }

    /// <summary>Counts from 1 again, and lets call <paramref name="number"/> and all behind it fail: the power goes.</summary>
    public void StopAt(long number) => FailAt(number, FaultKind.Power);

    /// <summary>Lets everything work again, and counts from 1.</summary>
    public void Restart() => FailAt(Never);

    /// <summary>Counts one call, and says what becomes of it. The caller holds <see cref="Gate"/>.</summary>
    internal Fate Next(in Operation operation)
    {
        if (IsDown)
        {
            CallCount++;
            return Fate.NeverStarts;
        }

        Observer?.Invoke(operation);
        CallCount++;
        var isOnlyFirst = _kind != FaultKind.NoRoomFromHere;
        if (_failingCall == Never || CallCount < _failingCall || (isOnlyFirst && CallCount > _failingCall))
        {
            return Fate.Succeeds;
        }

        var fate = FateOf(operation);
        HasStruck |= fate != Fate.Succeeds;
        return fate;
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
    internal StateException StateError(Fate fate, string call, string name) =>
        new(fate == Fate.FindsNoRoom ? ErrorId.StateFull : ErrorId.StateIo, $"the simulated {call} failed")
        {
            Where = name,
            Cause = $"call {CallCount}{(IsDown ? ", machine down" : "")}",
        };

    private Fate FateOf(in Operation operation)
    {
        switch (_kind)
        {
            case FaultKind.Io:
                return Fate.FailsHalfway;
            case FaultKind.Power:
                IsDown = true;
                return Fate.FailsHalfway;
            case FaultKind.NoRoom:
            case FaultKind.NoRoomFromHere:
                return operation.TakesRoom ? Fate.FindsNoRoom : Fate.Succeeds;
            default:
                var isWrite = operation.Kind is OperationKind.DeviceWrite or OperationKind.FileWrite;
                var lie = _kind == FaultKind.LostWrite ? Fate.IsLost : Fate.GoesAstray;
                return isWrite && MayLie(operation.Where) ? lie : Fate.Succeeds;
        }
    }
}
