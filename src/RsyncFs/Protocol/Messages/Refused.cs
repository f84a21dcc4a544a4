namespace RsyncFs.Protocol.Messages;

/// <summary>The receiver will not go on; nothing was written since its last <see cref="Applied"/>. Ends the session.</summary>
/// <param name="ErrorId">The class of the error, in kebab case.</param>
/// <param name="Text">What happened.</param>
/// <param name="Where">Target and device, or empty.</param>
/// <param name="Cause">What the system said, or empty.</param>
/// <param name="Hint">What to do, or empty.</param>
public sealed record Refused(string ErrorId, string Text, string Where, string Cause, string Hint) : Message;
