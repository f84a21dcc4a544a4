namespace RsyncFs.Errors;

/// <summary>
/// What the process says to its caller when it ends. The numbers are part of the interface: scripts branch on
/// them. A caller must take a number it does not know for a failure.
/// </summary>
public enum ExitCode
{
    /// <summary>Done; also "nothing changed" and "already in that state".</summary>
    Ok = 0,

    /// <summary>Failed, in a way that has no class of its own.</summary>
    Failure = 1,

    /// <summary>The command line could not be understood. Nothing was done.</summary>
    Usage = 2,

    /// <summary>The configuration is invalid. Nothing was done.</summary>
    Config = 3,

    /// <summary>Of several jobs or destinations some failed and some did not.</summary>
    Partial = 4,

    /// <summary>Network, time-out, stall, receiver busy. Trying again helps.</summary>
    Unreachable = 5,

    /// <summary>Target not known or not allowed, or no permission.</summary>
    Denied = 6,

    /// <summary>The source is missing, in use, unreadable, or changed while it was read.</summary>
    Source = 7,

    /// <summary>The target is missing, in use, of another size, read-only, or could not be written.</summary>
    Target = 8,

    /// <summary>The target was promoted, or has seen a newer primary; there are two primaries; or the sender's state or its source is not the primary's.</summary>
    Fenced = 9,

    /// <summary><c>verify</c> found differences; <c>doctor</c> found something that needs somebody.</summary>
    Differs = 10,

    /// <summary>Another run holds the lock.</summary>
    Locked = 11,

    /// <summary><c>--max-time</c> or <c>--max-transfer</c> is reached; what has arrived is kept. Trying again goes on from there.</summary>
    Limit = 12,

    /// <summary>A hook failed whose failure is that of its cycle.</summary>
    Hook = 13,

    /// <summary>The two ends do not speak the same protocol, or one of them broke it.</summary>
    Protocol = 14,

    /// <summary>A defect in rsyncfs.</summary>
    Bug = 70,

    /// <summary>Ended by SIGINT, after cleaning up.</summary>
    Interrupted = 130,

    /// <summary>Ended by SIGTERM, after cleaning up.</summary>
    Terminated = 143,
}
