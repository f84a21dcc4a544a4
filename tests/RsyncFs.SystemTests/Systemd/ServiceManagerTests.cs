using System.Globalization;
using RsyncFs.Linux.Systemd;
using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.SystemTests.Systemd;

public sealed class ServiceManagerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ManualClock _clock = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("/notify")]
    [InlineData("@")]
    public async Task HearsWhenTheServiceIsReadyReloadsAndEnds(string place)
    {
        await using var listener = new NotifyListener(
            place is "@" ? $"@{_directory.Path}" : _directory.Path + place
        );
        using var manager = new ServiceManager(listener.Address, alivePeriod: null, _clock);
        manager.Say("opening");
        manager.Ready("here");
        var before = Microseconds();
        manager.Reload(() => Assert.Equal(3, Wait(listener, 3)));
        manager.Stopping("ending");
        await listener.WaitForAsync(5);
        Assert.Equal("STATUS=opening", listener.Said[0]);
        Assert.Equal("READY=1\nSTATUS=here", listener.Said[1]);
        Assert.StartsWith("RELOADING=1\nMONOTONIC_USEC=", listener.Said[2], StringComparison.Ordinal);
        var said = long.Parse(listener.Said[2].Split('=')[^1], CultureInfo.InvariantCulture);
        Assert.InRange(said, before, Microseconds());
        Assert.Equal("READY=1", listener.Said[3]);
        Assert.Equal("STOPPING=1\nSTATUS=ending", listener.Said[4]);
    }

    [Fact]
    public async Task ReloadsOfAServiceThatIsNotReadyYetOrEndsAreNotSpokenOf()
    {
        await using var listener = new NotifyListener(_directory.At("notify"));
        using var manager = new ServiceManager(listener.Address, alivePeriod: null, _clock);
        var count = 0;
        manager.Reload(() => count++);
        manager.Ready("here");
        manager.Reload(() => manager.Stopping("ending"));
        manager.Reload(() => count++);
        manager.Say("last");
        await listener.WaitForAsync(4);
        Assert.Equal(2, count);
        Assert.Equal(
            ["READY=1\nSTATUS=here", "RELOADING=1", "STOPPING=1\nSTATUS=ending", "STATUS=last"],
            listener.Said.Select(said => said.Split("\nMONOTONIC")[0])
        );
    }

    [Fact]
    public async Task AReloadThatFailsIsOverAllTheSame()
    {
        await using var listener = new NotifyListener(_directory.At("notify"));
        using var manager = new ServiceManager(listener.Address, alivePeriod: null, _clock);
        manager.Ready("here");
        Assert.Throws<FormatException>(() => manager.Reload(() => throw new FormatException()));
        Assert.Equal("READY=1", await listener.WaitForAsync(3));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("relative")]
    [InlineData("vsock:2:9999")]
    [InlineData("/nobody/listens/here")]
    public void WhereNobodyListensNothingHappens(string? address)
    {
        using var manager = new ServiceManager(address, TimeSpan.FromSeconds(1), _clock);
        var isReloaded = false;
        manager.Say("opening");
        manager.Ready("here");
        _clock.Advance(TimeSpan.FromSeconds(5));
        manager.Reload(() => isReloaded = true);
        manager.Stopping("ending");
        Assert.True(isReloaded);
    }

    [Fact]
    public void AnAddressThatIsTooLongIsNone() =>
        WhereNobodyListensNothingHappens("/" + new string('x', 200));

    [Fact]
    public async Task AWatchdogHearsThatItLivesFromReadyToTheEnd()
    {
        await using var listener = new NotifyListener(_directory.At("notify"));
        using (var manager = new ServiceManager(listener.Address, TimeSpan.FromSeconds(30), _clock))
        {
            _clock.Advance(TimeSpan.FromMinutes(2));
            manager.Ready("here");
            _clock.Advance(TimeSpan.FromSeconds(29));
            manager.Say("first");
            _clock.Advance(TimeSpan.FromSeconds(61));
            manager.Say("second");
        }

        _clock.Advance(TimeSpan.FromMinutes(2));
        using var another = new ServiceManager(listener.Address, alivePeriod: null, _clock);
        another.Say("third");
        await listener.WaitForAsync(4);
        Assert.Equal(
            ["READY=1\nSTATUS=here", "STATUS=first", "STATUS=second", "STATUS=third"],
            listener.Said
        );
        Assert.Equal(3, listener.AliveCount);
    }

    [Theory]
    [InlineData("60000000", null, 30_000)]
    [InlineData("60000000", "4711", 30_000)]
    [InlineData("60000000", "4712", null)]
    [InlineData("60000000", "", null)]
    [InlineData(null, "4711", null)]
    [InlineData("0", null, null)]
    [InlineData("-1", null, null)]
    [InlineData("soon", null, null)]
    [InlineData("1", null, 1)]
    [InlineData("9223372036854775807", null, 3_600_000)]
    public void AWatchdogIsAskedForByItsVariables(string? time, string? process, int? milliseconds) =>
        Assert.Equal(
            milliseconds is { } period ? TimeSpan.FromMilliseconds(period) : null,
            ServiceManager.AlivePeriodOf(time, process, processId: 4711)
        );

    private static int Wait(NotifyListener listener, int count)
    {
        SpinWait.SpinUntil(() => listener.Said.Count >= count, TimeSpan.FromMinutes(1));
        return listener.Said.Count;
    }

    // The runtime's own clock is CLOCK_MONOTONIC, in nanoseconds.
    private static long Microseconds() => TimeProvider.System.GetTimestamp() / 1_000;
}
