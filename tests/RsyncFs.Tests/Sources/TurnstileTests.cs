using RsyncFs.Sources;
using Xunit;

namespace RsyncFs.Tests.Sources;

public sealed class TurnstileTests
{
    private readonly Turnstile _turnstile = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OneIsThroughAtATimeInTheOrderOfTheirComing()
    {
        var first = await _turnstile.EnterAsync(Token);
        var second = _turnstile.EnterAsync(Token);
        var third = _turnstile.EnterAsync(Token);
        Assert.False(second.IsCompleted);
        first.Dispose();
        using (await second)
        {
            Assert.False(third.IsCompleted);
        }

        (await third).Dispose();
    }

    [Fact]
    public async Task WhoWaitsNoLongerLetsNobodyPassThoseBefore()
    {
        var first = await _turnstile.EnterAsync(Token);
        using var impatience = new CancellationTokenSource();
        var second = _turnstile.EnterAsync(impatience.Token);
        var third = _turnstile.EnterAsync(Token);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(third.IsCompleted);
        first.Dispose();
        (await third).Dispose();
    }
}
