using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Replication;

/// <summary>One sender at a time; the second is told so, and disturbs nothing.</summary>
public sealed class SecondSenderTests(ITestOutputHelper output) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private const long Size = 16L * MiB;

    private readonly NetworkPair _network = new();
    private readonly TemporaryDirectory _directory = new();
    private readonly LoopDevice _source = new(Size);
    private readonly LoopDevice _target = new(Size);

    public void Dispose()
    {
        _target.Dispose();
        _source.Dispose();
        _directory.Dispose();
        _network.Dispose();
    }

    [Fact]
    public async Task ATargetHasOneSenderAtATimeAndASourceOneRun()
    {
        new RandomContent(1).WriteTo(_source.Path, 0, Size);
        using var other = new LoopDevice(Size);
        _network.LimitRate(megabitsPerSecond: 10);
        await using var scene = new ReplicationScene(_source.Path, _target.Path, _network);
        await scene.ServeAsync();
        await using var first = scene.Start();
        await Poll.UntilAsync(() => _network.BytesToReceiver > MiB);

        var second = await _network.Sender.RunAsync(
            "sync",
            other.Path,
            scene.Destination,
            "--state",
            _directory.Path,
            "--allow-plaintext"
        );
        var twin = await scene.TrySyncAsync();
        Assert.False(first.HasExited, "the first sender was to be at work all the time");

        output.WriteLine($"{second}\n{twin}");
        Assert.Equal(5, second.ExitCode);
        Assert.Contains("[target-busy]\n", second.Error, StringComparison.Ordinal);
        Assert.Contains("\n  hint   ", second.Error, StringComparison.Ordinal);
        Assert.Equal(11, twin.ExitCode);
        Assert.Contains("[locked]\n", twin.Error, StringComparison.Ordinal);
        Assert.Contains("\n  hint   ", twin.Error, StringComparison.Ordinal);

        var said = await first.WaitAsync();
        Assert.True(said.ExitCode == 0, said.ToString());
        scene.AssertSame();
    }
}
