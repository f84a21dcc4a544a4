using RsyncFs.Errors;

namespace RsyncFs.Linux.Hooks;

/// <summary>A hook that failed.</summary>
public sealed class HookException : RsyncFsException
{
    /// <summary>Makes the error.</summary>
    public HookException(string message)
        : base(ErrorId.HookFailed, message) { }

    /// <summary>True if it never ran, or ended by itself and said that it failed; false if it was cut in the middle of what it does.</summary>
    public required bool HasEndedItself { get; init; }
}
