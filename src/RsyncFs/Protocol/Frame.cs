namespace RsyncFs.Protocol;

/// <summary>A frame that was received whole and is not read yet.</summary>
/// <param name="Type">What the payload is.</param>
/// <param name="Payload">Its bytes, in memory of their own.</param>
internal readonly record struct Frame(MessageType Type, byte[] Payload);
