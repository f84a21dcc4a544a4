namespace RsyncFs.Errors;

/// <summary>
/// The peer sent what the protocol does not allow: a damaged frame, a length over its limit, an unknown type,
/// trailing bytes, or a message out of turn. The session is over. Nothing of the offending frame was used, and a
/// target with a journal stays at its generation.
/// </summary>
public sealed class ProtocolException : RsyncFsException
{
    /// <summary>Makes the error from what was wrong with the bytes.</summary>
    public ProtocolException(string message, Exception? inner = null)
        : base(ErrorId.ProtocolViolation, message, inner) { }
}
