using System.Net;
using RsyncFs.Cli.Engine;
using Xunit;

namespace RsyncFs.Tests.Cli;

/// <summary>Whoever makes many connections is in its own way, and in nobody else's.</summary>
public sealed class EntranceTests : IDisposable
{
    private const int AtOncePerAddress = 4;
    private const int WaitingPerAddress = 64;

    private readonly Entrance _entrance = new();

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

    private Task<IDisposable?> Enter(string address) => _entrance.EnterAsync(IPAddress.Parse(address), Token);

    private List<Task<IDisposable?>> Enter(string address, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Enter(address))];
}
