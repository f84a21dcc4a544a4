namespace RsyncFs.SystemTests.Keys;

/// <summary>Hands on the first bytes of either end one by one, and the rest as it comes.</summary>
/// <param name="receiverPort">The receiver.</param>
/// <param name="pause">Before each of the sender's bytes; null for none.</param>
internal sealed class Trickle(int receiverPort, TimeSpan? pause) : Middleman(receiverPort)
{
    // More than a handshake has.
    private const int SlowBytes = 4096;

    /// <inheritdoc/>
    protected override async Task HandOnAsync(Stream from, Stream to, bool isFromSender)
    {
        using var timer = pause is { } time && isFromSender ? new PeriodicTimer(time) : null;
        var piece = new byte[64 * 1024];
        for (
            var slow = SlowBytes;
            await from.ReadAsync(piece.AsMemory(0, slow > 0 ? 1 : piece.Length)) is var count && count > 0;
            slow -= count
        )
        {
            if (timer is not null && slow > 0)
            {
                await timer.WaitForNextTickAsync();
            }

            await to.WriteAsync(piece.AsMemory(0, count));
        }
    }
}
