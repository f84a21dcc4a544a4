namespace RsyncFs.Errors;

/// <summary>
/// The connection could not be made, broke, stalled, or ended before its closing message. Whatever was under way
/// did not happen as far as this end knows; the target is at its old generation or, if only the last
/// acknowledgement was lost, at the new one, and the next run finds out which.
/// </summary>
public sealed class ConnectionException : RsyncFsException
{
    /// <summary>Makes the error; <paramref name="id"/> tells unreachable, lost and stalled apart.</summary>
    public ConnectionException(ErrorId id, string message, Exception? inner = null)
        : base(id, message, inner) { }
}
