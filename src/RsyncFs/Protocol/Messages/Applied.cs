namespace RsyncFs.Protocol.Messages;

/// <summary>The target is the generation, and will be after a power cut. The only word on which a sender reports success.</summary>
/// <param name="Generation">The generation that the target is at: a new one, or the old if nothing changed.</param>
/// <param name="BytesRead">Bytes the receiver read from the target in this cycle.</param>
/// <param name="BytesWritten">Bytes it wrote or zeroed.</param>
public sealed record Applied(Guid Generation, long BytesRead, long BytesWritten) : Message;
