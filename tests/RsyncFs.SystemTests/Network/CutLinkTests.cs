using RsyncFs.SystemTests.Crashes;
using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests;
using Xunit;

namespace RsyncFs.SystemTests.Network;

/// <summary>
/// A link that is cut, whole or one way, at exact places of a transaction: both ends give up within the protocol's
/// deadlines, the target is one whole generation, and nothing is left that keeps the next run away. Each takes as long
/// as the protocol waits for a peer, half a minute; so all of them run at once.
/// </summary>
public sealed class CutLinkTests(ITestOutputHelper output)
{
    private const int MiB = 1024 * 1024;
    private const long Size = (8L * MiB) + 2560;
    private const int ChangedBlockCount = 16;

    private static readonly HoldPoint[] Points =
    [
        HoldPoint.Scan,
        HoldPoint.Stage,
        HoldPoint.CommitPoint,
        HoldPoint.Apply,
        HoldPoint.Acknowledge,
    ];

    [Fact]
    public async Task BothEndsGiveUpAndTheNextRunConverges()
    {
        var random = TestSeed.NewRandom();
        var seeds = random.Next();
        var stories = await Task.WhenAll(
            from cut in Enum.GetValues<Cut>()
            from point in Points
            select CutAsync(cut, point, seeds)
        );
        foreach (var story in stories)
        {
            output.WriteLine(story);
        }
    }

    private static async Task<string> CutAsync(Cut cut, HoldPoint point, int seed)
    {
        using var network = new NetworkPair();
        await using var scene = new CrashScene(Size, seed, network);
        await scene.ServeAsync();
        var generation = (await scene.ConvergeAsync()).Text("gen");
        scene.Images.Advance();
        scene.Images.ChangeBlocks(ChangedBlockCount);

        await using var sender = await scene.StartStoppedSenderAsync();
        await using var tracer = await point.HoldAsync(scene, point.IsAtReceiver ? scene.Receiver : sender);
        sender.Signal("CONT");
        await tracer.Reached;
        Set(network, cut, isCut: true);
        var started = TimeProvider.System.GetTimestamp();
        await tracer.LetGoAsync();
        var said = await sender.WaitAsync();
        var senderGaveUp = TimeProvider.System.GetElapsedTime(started);
        var why = await ReceiverEndsSessionAsync(scene);
        var receiverGaveUp = TimeProvider.System.GetElapsedTime(started);

        var story =
            $"{cut, -10} at {point, -12} sender {said.ExitCode} after {senderGaveUp.TotalSeconds, 5:0.0} s, receiver after {receiverGaveUp.TotalSeconds, 5:0.0} s: {why}";
        Assert.True(said.ExitCode is 0 or 5, $"{story}: {said}");
        Assert.True(
            why.EndsWith("[stalled]", StringComparison.Ordinal)
                || why.EndsWith("[connection-lost]", StringComparison.Ordinal)
                || (cut == Cut.ToSender && point == HoldPoint.Acknowledge),
            story
        );
        var held = scene.AssertWhole(generation);
        Assert.True(said.ExitCode != 0 || held == Held.New, $"success was said: {story}: {said}");
        Assert.True(!point.IsBehindCommit || held == Held.New, $"{story}: the target is {held}");

        Set(network, cut, isCut: false);
        var next = await scene.ConvergeAsync();
        Assert.Equal(held == Held.New, next.IsUnchanged);
        return $"{story}; target {held}, next {next.Text("result")} by {next.Plan}";
    }

    /// <summary>What the receiver says when it lets go of the target: an error, or that all went well if only its last word was lost.</summary>
    private static async Task<string> ReceiverEndsSessionAsync(CrashScene scene)
    {
        const string Success = ": at g";
        const string Failure = "rsyncfs: error:";
        string[] Said() => scene.Receiver.ErrorSoFar.Split('\n');
        bool IsSuccess(string line) => line.Contains(Success, StringComparison.Ordinal);
        bool IsFailure(string line) => line.StartsWith(Failure, StringComparison.Ordinal);

        // The first success is that of the first copy.
        await Poll.UntilAsync(() => Said().Count(IsSuccess) > 1 || Said().Any(IsFailure));
        return Said().FirstOrDefault(IsFailure) ?? Said().Last(IsSuccess);
    }

    private static void Set(NetworkPair network, Cut cut, bool isCut)
    {
        if (cut == Cut.LinkDown)
        {
            network.SetLink(isUp: !isCut);
        }
        else
        {
            network.SetLost(toReceiver: cut == Cut.ToReceiver, isCut);
        }
    }
}
