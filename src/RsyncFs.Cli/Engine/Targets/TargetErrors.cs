using RsyncFs.Errors;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>Errors that several verbs have.</summary>
internal static class TargetErrors
{
    /// <summary>Nothing was ever copied to it, and it was not adopted.</summary>
    public static RefusedException NeverInitialised() =>
        new(ErrorId.TargetState, "that is not possible with this target now")
        {
            Cause = "it was never initialised",
            Hint = "let its sender make a first copy, or adopt it",
        };

    /// <summary>Nobody noted where the device is.</summary>
    public static RefusedException NoDevice(TargetPlace place, string stateDirectory) =>
        new(
            place.Exists ? ErrorId.TargetState : ErrorId.TargetUnknown,
            place.Exists
                ? "it is not known here which device the target is"
                : "there is no target of that name here"
        )
        {
            Where = place.Name,
            Cause = $"nothing in {stateDirectory} tells its device",
            Hint =
                $"serve it once (rsyncfs serve --target {place.Name}=DEVICE), or say it: rsyncfs target adopt {place.Name}=DEVICE",
        };

    /// <summary>The lock of a state is held, and nobody answers at the control socket.</summary>
    public static RefusedException Locked(RefusedException held, string socketPath) =>
        new(held.Id, "the state of the target is locked, and no receiver answers")
        {
            Where = held.Where,
            Cause = $"{held.Cause}; nobody answers at {socketPath}",
            Hint =
                "if that is 'rsyncfs serve' with a --socket of its own, say it here too; if it is a sync, wait for its end",
        };

    /// <summary>The error with the target's name where the library, which does not know it, left that out.</summary>
    public static RefusedException Named(RefusedException error, string name, string where) =>
        new(error.Id, error.Message)
        {
            Where = error.Where ?? where,
            Cause = error.Cause,
            Hint = error.Hint?.Replace("NAME", name, StringComparison.Ordinal),
        };
}
