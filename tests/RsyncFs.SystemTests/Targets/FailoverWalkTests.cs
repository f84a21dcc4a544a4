using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Targets;

/// <summary>
/// The walk of docs/OPERATIONS.md on two machines: replicate, lose the primary, promote, work on the new primary,
/// fence the old one when it returns, replicate back, and fail back. The judges are cmp and e2fsck.
/// </summary>
public sealed class FailoverWalkTests(ITestOutputHelper output) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private const long Size = 64L * MiB;

    private readonly NetworkPair _network = new();
    private readonly LoopDevice _first = LoopDevice.WithExt4(Size);
    private readonly LoopDevice _second = new(Size);

    public void Dispose()
    {
        _second.Dispose();
        _first.Dispose();
        _network.Dispose();
    }

    [Fact]
    public async Task FailsOverAndBack()
    {
        await using var first = new Node(_network.Sender, NetworkPair.SenderAddress, _first);
        await using var second = new Node(_network.Receiver, NetworkPair.ReceiverAddress, _second);
        await ReplicateAsync(first, second);
        await FailOverAsync(first, second);
        await FenceTheOldPrimaryAsync(first, second);
        await ReplicateBackAsync(
            first,
            second,
            () => first.TargetAsync("adopt", "--overwrite", $"db01={first.Device}")
        );
        await FailBackAsync(first, second);
        await RefuseTheOtherDirectionAsync(first, second);

        // Once more: by now the old primary has a record of its own, as a primary.
        await second.ServeAsync("");
        await FailOverAsync(first, second);
        await FenceTheOldPrimaryAsync(first, second);
        await ReplicateBackAsync(first, second, () => first.TargetAsync("demote", "db01", "--yes"));
        await FailBackAsync(first, second);
        await RefuseTheOtherDirectionAsync(first, second);
    }

    private async Task ReplicateAsync(Node first, Node second)
    {
        await second.ServeAsync(",init");
        for (var day = 0; day < 3; day++)
        {
            first.Use(path => Write(path, $"day-{day}"));
            await first.SyncAsync(second);
            Verdict.Same(_first.Path, _second.Path);
        }
    }

    private async Task FailOverAsync(Node first, Node second)
    {
        // The link breaks; the primary writes on, and then it is gone.
        _network.SetLink(isUp: false);
        first.Use(path => Write(path, "lost"));

        // Promote, and work on the new primary.
        output.WriteLine((await second.TargetAsync("promote", "db01")).ToString());
        Assert.Contains(
            "already",
            (await second.TargetAsync("promote", "db01")).ToString(),
            StringComparison.Ordinal
        );
        second.Use(path =>
        {
            Assert.True(File.Exists(Path.Combine(path, "day-2")), "the last replicated day is not there");
            Assert.False(File.Exists(Path.Combine(path, "lost")), "what never came is there");
            Write(path, "failed-over");
        });
        second.AssertClean();
    }

    private async Task FenceTheOldPrimaryAsync(Node first, Node second)
    {
        _network.SetLink(isUp: true);
        var fenced = await first.TrySyncAsync(second);
        output.WriteLine(fenced.ToString());
        Assert.Equal(9, fenced.ExitCode);
        Assert.Contains("[fenced]", fenced.Error, StringComparison.Ordinal);
        second.Use(path => Assert.True(File.Exists(Path.Combine(path, "failed-over"))));
    }

    private async Task ReplicateBackAsync(Node first, Node second, Func<Task<ProgramResult>> takeIn)
    {
        // Only what differs travels.
        output.WriteLine((await second.TargetAsync("reverse", "db01")).ToString());
        output.WriteLine((await takeIn()).ToString());
        await first.ServeAsync("");
        var back = await second.SyncAsync(first);
        output.WriteLine(back.ToString());
        Assert.True(back.Wire < 8 * MiB, $"{back.Wire} bytes for a few files");
        Verdict.Same(_first.Path, _second.Path);
        second.Use(path => Write(path, "still-here"));
        await second.SyncAsync(first);
        first.AssertClean();
    }

    private async Task FailBackAsync(Node first, Node second)
    {
        // As planned: nothing writes any more, all is replicated, and the roles change.
        output.WriteLine((await first.TargetAsync("promote", "db01")).ToString());
        first.Use(path =>
        {
            Assert.True(File.Exists(Path.Combine(path, "still-here")), "what was written there is not here");
            Write(path, "home-again");
        });
        output.WriteLine((await first.TargetAsync("reverse", "db01")).ToString());
        output.WriteLine((await second.TargetAsync("demote", "db01", "--yes")).ToString());
        await first.SyncAsync(second);
        Verdict.Same(_first.Path, _second.Path);
        first.Use(path => Write(path, "next-day"));
        await first.SyncAsync(second);
        Verdict.Same(_first.Path, _second.Path);
        first.AssertClean();
        second.AssertClean();
    }

    /// <summary>Its device is free, and the receiver that it would reach is there: it is refused because it became a target.</summary>
    private async Task RefuseTheOtherDirectionAsync(Node first, Node second)
    {
        await second.StopServingAsync();
        var retired = await second.TrySyncAsync(first);
        output.WriteLine(retired.ToString());
        Assert.Equal(9, retired.ExitCode);
        Assert.Contains(
            "the source became a target: it is not the primary [source-retired]",
            retired.Error,
            StringComparison.Ordinal
        );
        await first.StopServingAsync();
    }

    private static void Write(string directory, string name)
    {
        var content = new byte[300_000];
        new Random(name.Length).NextBytes(content);
        File.WriteAllBytes(Path.Combine(directory, name), content);
    }
}
