using System.Net;
using RsyncFs.Cli.Engine;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Cli;

/// <summary>Whoever makes many connections is in its own way, and in nobody else's.</summary>
public sealed class EntranceTests : IDisposable
{
    private const int AtOncePerAddress = 4;
    private const int WaitingPerAddress = 64;

    private const int FailuresBeforePenalty = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ManualClock _clock = new();
    private readonly Entrance _entrance;

    public EntranceTests()
    {
        _entrance = new Entrance(_clock);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _entrance.Dispose();

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.2")]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1")]
    public async Task AnAddressHasItsOwnPlaces(string one, string other)
    {
        var first = Enter(one, WaitingPerAddress);
        Assert.Equal(AtOncePerAddress, first.Count(entered => entered.IsCompleted));
        Assert.Null(await Enter(one));
        Assert.NotNull(await Enter(other).WaitAsync(TimeSpan.FromMinutes(1), Token));

        // A place that is given up, however often, lets one in.
        var place = await first[0];
        place!.Dispose();
        place.Dispose();
        await first[AtOncePerAddress].WaitAsync(TimeSpan.FromMinutes(1), Token);
        Assert.False(first[AtOncePerAddress + 1].IsCompleted);
    }

    /// <summary>Who has one address of a network of IPv6 has them all.</summary>
    [Fact]
    public async Task ANetworkOfIpv6IsOneAddress()
    {
        _ = Enter("2001:db8:0:1::1", WaitingPerAddress);
        Assert.Null(await Enter("2001:db8:0:1:ffff::2"));
    }

    [Fact]
    public async Task WhoNoLongerWaitsIsNotCounted()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var address = IPAddress.Parse("192.0.2.1");
        var waiting = Enumerable
            .Range(0, WaitingPerAddress)
            .Select(_ => _entrance.EnterAsync(address, end.Token))
            .ToList();
        await end.CancelAsync();
        foreach (var one in waiting.Skip(AtOncePerAddress))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        }

        foreach (var one in waiting.Take(AtOncePerAddress))
        {
            (await one)!.Dispose();
        }

        Assert.NotNull(await Enter("192.0.2.1"));
    }

    /// <summary>It is slowed down, one at a time, and nobody else is.</summary>
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", "192.0.2.2")]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:2::1")]
    [InlineData("127.0.0.1", "127.0.0.1", "127.0.0.2")]
    public async Task AnAddressFromWhichNobodyGetsInIsLookedAtOneByOneWithAPause(
        string one,
        string next,
        string other
    )
    {
        Fail(one, FailuresBeforePenalty - 1);
        (await Enter(next))!.Dispose();
        Fail(one, 1);
        var first = Enter(next);
        var second = Enter(next);
        (await Enter(other))!.Dispose();
        _clock.Advance(Pause - TimeSpan.FromTicks(1));
        Assert.False(first.IsCompleted);
        _clock.Advance(TimeSpan.FromTicks(1));
        var place = await first.WaitAsync(TimeSpan.FromMinutes(1), Token);
        _clock.Advance(Pause);
        Assert.False(second.IsCompleted);

        // One that fails brings the next another pause.
        Fail(one, 1);
        place!.Dispose();
        Assert.False(second.IsCompleted);
        await AdvanceUntilAsync(second, Pause);
    }

    [Fact]
    public async Task APenaltyEndsWithTimeOrWithSomebodyWhoIsKnown()
    {
        Fail("192.0.2.1", FailuresBeforePenalty);
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.All(Enter("192.0.2.1", AtOncePerAddress), entered => Assert.True(entered.IsCompleted));

        Fail("192.0.2.2", FailuresBeforePenalty);
        _entrance.Succeeded(IPAddress.Parse("192.0.2.2"));
        Assert.All(Enter("192.0.2.2", AtOncePerAddress), entered => Assert.True(entered.IsCompleted));
        await Task.WhenAll(Enter("192.0.2.3", AtOncePerAddress));
    }

    [Fact]
    public async Task WhoDoesNotWaitOutAPenaltyIsInNobodysWay()
    {
        Fail("192.0.2.1", FailuresBeforePenalty);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var gone = _entrance.EnterAsync(IPAddress.Parse("192.0.2.1"), end.Token);
        var next = Enter("192.0.2.1");
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        await AdvanceUntilAsync(next, Pause);
    }

    /// <summary>Addresses cost nothing, to whoever has a network of them.</summary>
    [Fact]
    public void ABoundedNumberOfAddressesIsRemembered()
    {
        var penalties = new Penalties(_clock);
        for (var i = 0; i < 5000; i++)
        {
            penalties.Failed(new IPAddress(i + 1));
            _clock.Advance(TimeSpan.FromTicks(1));
        }

        Assert.Equal(1024, penalties.Count);
        for (var i = 0; i < FailuresBeforePenalty; i++)
        {
            penalties.Failed(new IPAddress(5000));
        }

        Assert.NotNull(penalties.WaitOf(new IPAddress(5000)));
        Assert.Equal(1024, penalties.Count);
    }

    private void Fail(string address, int count)
    {
        for (var i = 0; i < count; i++)
        {
            _entrance.Failed(IPAddress.Parse(address));
        }
    }

    /// <summary>What waits may begin to wait behind a turn of the thread pool.</summary>
    private async Task AdvanceUntilAsync(Task task, TimeSpan step)
    {
        while (!task.IsCompleted)
        {
            _clock.Advance(step);
            await Task.Yield();
            Token.ThrowIfCancellationRequested();
        }

        await task;
    }

    private Task<IDisposable?> Enter(string address) => _entrance.EnterAsync(IPAddress.Parse(address), Token);

    private List<Task<IDisposable?>> Enter(string address, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Enter(address))];
}
