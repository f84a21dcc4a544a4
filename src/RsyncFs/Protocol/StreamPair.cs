namespace RsyncFs.Protocol;

/// <summary>
/// Two streams, each of which reads what is written to the other: the connection of two ends in one process. Holds a
/// bounded number of bytes in each direction, as a socket does. Disposing one end gives the other what was written,
/// then the end of the stream; what the other writes after that fails.
/// </summary>
/// <param name="Sender">The sender's end.</param>
/// <param name="Receiver">The receiver's end.</param>
public sealed record StreamPair(Stream Sender, Stream Receiver)
{
    /// <summary>Makes a pair that holds <paramref name="capacityBytes"/> in each direction.</summary>
    public static StreamPair Create(int capacityBytes = ProtocolLimits.StreamPairBytes)
    {
        var toReceiver = new BoundedPipe(capacityBytes);
        var toSender = new BoundedPipe(capacityBytes);
        return new StreamPair(new PipeStream(toSender, toReceiver), new PipeStream(toReceiver, toSender));
    }
}
