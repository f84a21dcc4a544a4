namespace RsyncFs.SystemTests.Keys;

/// <summary>Hands on what a sender and a receiver say, and keeps it.</summary>
internal sealed class Wiretap(int receiverPort) : Middleman(receiverPort)
{
    private readonly MemoryStream _fromSender = new();
    private readonly MemoryStream _fromReceiver = new();

    /// <summary>All that was said, by either.</summary>
    public byte[] Seen() => [.. SeenFromSender(), .. SeenFromReceiver()];

    /// <summary>All that senders said.</summary>
    public byte[] SeenFromSender() => Bytes(_fromSender);

    /// <summary>All that the receiver said.</summary>
    public byte[] SeenFromReceiver() => Bytes(_fromReceiver);

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _fromSender.DisposeAsync();
        await _fromReceiver.DisposeAsync();
    }

    /// <inheritdoc/>
    protected override async Task HandOnAsync(Stream from, Stream to, bool isFromSender)
    {
        var kept = isFromSender ? _fromSender : _fromReceiver;
        var piece = new byte[64 * 1024];
        while (await from.ReadAsync(piece) is var count && count > 0)
        {
            lock (kept)
            {
                kept.Write(piece, 0, count);
            }

            await to.WriteAsync(piece.AsMemory(0, count));
        }
    }

    private static byte[] Bytes(MemoryStream kept)
    {
        lock (kept)
        {
            return kept.ToArray();
        }
    }
}
