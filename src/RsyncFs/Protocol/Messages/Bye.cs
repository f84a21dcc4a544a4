namespace RsyncFs.Protocol.Messages;

/// <summary>The end of a session: said by the sender, said back by the receiver. A stream that ends without it was cut.</summary>
/// <param name="BytesRead">From the receiver: bytes read from the target in the session. From the sender: 0.</param>
public sealed record Bye(long BytesRead) : Message;
