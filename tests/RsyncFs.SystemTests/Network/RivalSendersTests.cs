using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests;
using Xunit;

namespace RsyncFs.SystemTests.Network;

/// <summary>Many at once: one at a time gets the target, the others are told why not, and nothing is mixed up.</summary>
public sealed class RivalSendersTests(ITestOutputHelper output)
{
    private const int MiB = 1024 * 1024;
    private const long Size = 8L * MiB;
    private const int ChangedBlockCount = 32;
    private const int RivalCount = 5;

    [Fact]
    public async Task OfManyRunsOfOneSourceOneIsAtWorkAndTheOthersAreLockedOut()
    {
        await using var scene = new CrashScene(Size, TestSeed.NewRandom().Next());
        await scene.ServeAsync();
        var generation = (await scene.ConvergeAsync()).Text("gen");
        scene.Images.Advance();
        scene.Images.ChangeBlocks(ChangedBlockCount);

        var ends = await Task.WhenAll(Enumerable.Range(0, RivalCount).Select(_ => scene.SyncAsync()));
        output.WriteLine(string.Join(' ', ends.Select(end => end.ExitCode)));
        Assert.Contains(ends, end => end.ExitCode == 0);
        Assert.All(ends, end => Assert.True(end.ExitCode is 0 or 11, end.ToString()));
        Assert.All(
            ends.Where(end => end.ExitCode == 11),
            end => Assert.Equal("locked", RunEvents.Of(end, "error")[^1].GetProperty("id").GetString())
        );
        Assert.Equal(Held.New, await scene.AssertShownWholeAsync(generation));
    }

    /// <summary>Copies of a sender's state are the same sender on two machines: only the target's lease keeps them apart.</summary>
    [Fact]
    public async Task OfTwoSendersWithOneStateOneIsAtWorkAndTheOtherFindsTheTargetBusyOrFinished()
    {
        await using var scene = new CrashScene(Size, TestSeed.NewRandom().Next());
        await scene.ServeAsync();
        var generation = (await scene.ConvergeAsync()).Text("gen");
        scene.Images.Advance();
        scene.Images.ChangeBlocks(ChangedBlockCount);
        using var copy = new TemporaryDirectory();
        Command.Run("cp", "--archive", scene.SenderState, copy.At("sender"));
        var rival = scene.SyncArguments.Select(word =>
            string.Equals(word, scene.SenderState, StringComparison.Ordinal) ? copy.At("sender") : word
        );

        var ends = await Task.WhenAll(scene.SyncAsync(), scene.SenderProgram.RunAsync([.. rival]));
        output.WriteLine(string.Join(' ', ends.Select(end => end.ExitCode)));
        Assert.Contains(ends, end => end.ExitCode == 0);
        Assert.All(ends, end => Assert.True(end.ExitCode is 0 or 5 or 8, end.ToString()));
        Assert.Equal(Held.New, await scene.AssertShownWholeAsync(generation));
    }
}
