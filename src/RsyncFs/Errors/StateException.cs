namespace RsyncFs.Errors;

/// <summary>
/// A file of the state directory could not be read or written (<see cref="ErrorId.StateIo"/>), or does not bear
/// what it must (<see cref="ErrorId.StateDamaged"/>). No device was written because of it.
/// </summary>
public sealed class StateException : RsyncFsException
{
    /// <summary>Makes the error.</summary>
    public StateException(ErrorId id, string message, Exception? inner = null)
        : base(id, message, inner) { }
}
