namespace RsyncFs.Protocol;

/// <summary>
/// The memory of received deltas, used again and again: fresh arrays of this size cost more in page faults than the
/// copying, and lie about until the next full collection. Used by the task that reads and the one that works.
/// </summary>
/// <remarks>
/// Bounded: what is out is at most twice the credit that was granted, what lies ready at most the initial credit.
/// </remarks>
internal sealed class PayloadBuffers
{
    // Below, an array costs nothing and rounding up would; a frame of a delta in full flow is four times this.
    private const int StepBytes = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly List<byte[]> _ready = [];
    private long _readyBytes;

    /// <summary>An array of at least <paramref name="length"/> and at most twice that, its content arbitrary.</summary>
    public byte[] Rent(int length)
    {
        if (length < StepBytes)
        {
            return GC.AllocateUninitializedArray<byte>(length);
        }

        lock (_lock)
        {
            var index = _ready.FindLastIndex(buffer =>
                buffer.Length >= length && buffer.Length / 2 <= length
            );
            if (index >= 0)
            {
                var buffer = _ready[index];
                _ready.RemoveAt(index);
                _readyBytes -= buffer.Length;
                return buffer;
            }
        }

        return GC.AllocateUninitializedArray<byte>((length + StepBytes - 1) / StepBytes * StepBytes);
    }

    /// <summary>Takes an array back that nobody will touch any more.</summary>
    public void Return(byte[] buffer)
    {
        if (buffer.Length < StepBytes)
        {
            return;
        }

        lock (_lock)
        {
            if (_readyBytes + buffer.Length <= ProtocolLimits.InitialCreditBytes)
            {
                _ready.Add(buffer);
                _readyBytes += buffer.Length;
            }
        }
    }
}
