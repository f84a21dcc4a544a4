namespace RsyncFs.Errors;

/// <summary>
/// One end refused to go on, by a rule and not by accident: unknown target, wrong size, device in use, second
/// sender. Nothing was written. The same class is thrown at the end that refuses and, from the message it sent,
/// at the end that was refused.
/// </summary>
public sealed class RefusedException : RsyncFsException
{
    /// <summary>Makes a refusal of the given class.</summary>
    public RefusedException(ErrorId id, string message, Exception? inner = null)
        : base(id, message, inner) { }

    /// <summary>True if the peer refused; false if we did.</summary>
    public bool ByPeer { get; init; }
}
