using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>
/// The connection is cut at every byte offset in both directions. Both ends end with an error and nobody reports
/// success, unless the target really is the source; a target that was whole stays whole; the next run converges.
/// </summary>
public sealed class CutEverywhereTests(ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Plan.Compare, true)]
    [InlineData(Plan.Compare, false)]
    [InlineData(Plan.Digest, true)]
    [InlineData(Plan.Digest, false)]
    public async Task AnUpdateCutAnywhereConverges(Plan plan, bool isSenderCut)
    {
        // The source changes back and forth, so that each cut meets a target at a whole generation.
        var scenario = await Scenario.UpdateAsync(new Faults(), isSourceFaulty: false, Token);
        var forth = await MeasureAsync(scenario, plan, isSenderCut);
        scenario.ChangeAgain();
        var length = Math.Max(forth, await MeasureAsync(scenario, plan, isSenderCut));
        scenario.ChangeAgain();
        for (var at = 0L; at < length; at++)
        {
            await CutAtAsync(scenario, plan, isSenderCut, at);
            await ConvergeAsync(scenario, at);
            scenario.ChangeAgain();
        }

        output.WriteLine($"{length} cuts");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AFirstCopyCutAnywhereConverges(bool isSenderCut)
    {
        var measured = Scenario.FirstCopy(new Faults(), isSourceFaulty: false);
        var length = await MeasureAsync(measured, plan: null, isSenderCut);
        for (var at = 0L; at < length; at++)
        {
            var scenario = Scenario.FirstCopy(new Faults(), isSourceFaulty: false);
            await CutAtAsync(scenario, plan: null, isSenderCut, at);
            await ConvergeAsync(scenario, at);
        }

        output.WriteLine($"{length} cuts");
    }

    private static async Task<long> MeasureAsync(Scenario scenario, Plan? plan, bool isSenderCut)
    {
        var report = await scenario.Pair(plan).RunAsync(Token);
        return isSenderCut ? report.BytesSent : report.BytesReceived;
    }

    private static async Task CutAtAsync(Scenario scenario, Plan? plan, bool isSenderCut, long at)
    {
        var pair = scenario.Pair(plan);
        pair.Wire = wire => CuttingStream.Cut(wire, isSenderCut, at);
        try
        {
            await pair.RunAsync(Token);
            Assert.True(
                pair.ReceiverFailure is null or ConnectionException,
                $"cut at {at}: {pair.ReceiverFailure}"
            );
            // Only the goodbye may be cut: the word was said, and it was true.
            Assert.True(
                scenario.Target.DurableContent.AsSpan().SequenceEqual(scenario.After),
                $"cut at {at}: success, and the target differs"
            );
        }
        catch (ConnectionException)
        {
            // Where only the receiver's last word was cut, it does not know; it never has another kind of failure.
            var failure = pair.ReceiverFailure;
            Assert.True(
                failure is null or ConnectionException or OperationCanceledException,
                $"cut at {at}: {failure}"
            );
            Assert.True(
                failure is not null || !isSenderCut,
                $"cut at {at}: the receiver took a cut for an end"
            );
            AssertWhole(scenario, at);
        }
    }

    private static void AssertWhole(Scenario scenario, long at)
    {
        var record = scenario.Record();
        if (record is null || record.Status == TargetStatus.Initializing)
        {
            // Journal mode never leaves a target inconsistent because a connection was cut.
            Assert.True(scenario.Before.Length == 0, $"cut at {at}: a whole target was left inconsistent");
            return;
        }

        var content = scenario.Target.DurableContent.AsSpan();
        Assert.True(
            content.SequenceEqual(scenario.Before) || content.SequenceEqual(scenario.After),
            $"cut at {at}: the target is neither the old nor the new generation"
        );
    }

    private static async Task ConvergeAsync(Scenario scenario, long at)
    {
        var pair = scenario.Pair();
        await pair.RunAsync(Token);
        Assert.True(
            scenario.Target.DurableContent.AsSpan().SequenceEqual(scenario.After),
            $"cut at {at}: the next run did not converge"
        );
        Assert.Null(pair.ReceiverFailure);
    }
}
