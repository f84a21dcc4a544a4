using RsyncFs.Protocol;
using Xunit;

namespace RsyncFs.Tests.Protocol;

public sealed class StreamPairTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task BytesCrossInOrderWhateverTheirPieces()
    {
        const int Seed = 5;
        var pair = StreamPair.Create(1000);
        var sent = new byte[300_000];
        new Random(Seed).NextBytes(sent);
        var writing = Task.Run(
            async () =>
            {
                var random = new Random(Seed + 1);
                for (var offset = 0; offset < sent.Length; )
                {
                    var count = Math.Min(random.Next(3000), sent.Length - offset);
                    await pair.Sender.WriteAsync(sent.AsMemory(offset, count), Token);
                    offset += count;
                }

                await pair.Sender.DisposeAsync();
            },
            Token
        );
        var received = new MemoryStream();
        var buffer = new byte[777];
        while (await pair.Receiver.ReadAsync(buffer, Token) is var count and > 0)
        {
            received.Write(buffer, 0, count);
        }

        await writing;
        Assert.True(received.ToArray().SequenceEqual(sent));
    }

    [Fact]
    public async Task AWriterWaitsWhenItIsFull()
    {
        var pair = StreamPair.Create(100);
        await pair.Sender.WriteAsync(new byte[100], Token);
        var waiting = pair.Sender.WriteAsync(new byte[1], Token).AsTask();
        Assert.False(waiting.IsCompleted);
        Assert.Equal(60, await pair.Receiver.ReadAsync(new byte[60], Token));
        await waiting;
    }

    [Fact]
    public async Task DisposingOneEndEndsTheOther()
    {
        var pair = StreamPair.Create(100);
        await pair.Sender.WriteAsync(new byte[3], Token);
        await pair.Sender.DisposeAsync();
        Assert.Equal(3, await pair.Receiver.ReadAsync(new byte[60], Token));
        Assert.Equal(0, await pair.Receiver.ReadAsync(new byte[60], Token));
        await Assert.ThrowsAsync<IOException>(() => pair.Receiver.WriteAsync(new byte[1], Token).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() =>
            pair.Sender.ReadAsync(new byte[1], Token).AsTask()
        );
    }

    [Fact]
    public async Task DisposingEndsWhoWaitsAtBothEnds()
    {
        var pair = StreamPair.Create(100);
        await pair.Receiver.WriteAsync(new byte[100], Token);
        var reading = pair.Receiver.ReadAsync(new byte[1], Token).AsTask();
        var ownReading = StreamPair.Create(1).Sender;
        var waiting = ownReading.ReadAsync(new byte[1], Token).AsTask();
        var writing = pair.Receiver.WriteAsync(new byte[1], Token).AsTask();
        await pair.Sender.DisposeAsync();
        await ownReading.DisposeAsync();
        Assert.Equal(0, await reading);
        await Assert.ThrowsAsync<IOException>(() => writing);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
    }

    [Fact]
    public async Task ACancelledReadLosesNothing()
    {
        var pair = StreamPair.Create(100);
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var reading = pair.Receiver.ReadAsync(new byte[1], cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        await pair.Sender.WriteAsync(new byte[] { 9 }, Token);
        var buffer = new byte[1];
        Assert.Equal(1, await pair.Receiver.ReadAsync(buffer, Token));
        Assert.Equal(9, buffer[0]);
    }
}
