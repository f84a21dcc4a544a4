using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>
/// The n-th call of an end's devices and state files fails, for every n: nobody reports a success that is none, the
/// target is whole or says that it is not, and the next run converges. Then the same with the power going there.
/// </summary>
public sealed class FailEveryCallTests(ITestOutputHelper output)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, null)]
    [InlineData(true, Plan.Compare)]
    [InlineData(false, Plan.Compare)]
    public Task AnUpdateWithAFailingCallConverges(bool isSourceFaulty, Plan? plan) =>
        FailEveryCallAsync(
            faults => Scenario.UpdateAsync(faults, isSourceFaulty, Token),
            plan,
            powerGoes: false
        );

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task AFirstCopyWithAFailingCallConverges(bool isSourceFaulty) =>
        FailEveryCallAsync(
            faults => Task.FromResult(Scenario.FirstCopy(faults, isSourceFaulty)),
            plan: null,
            powerGoes: false
        );

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task AnUpdateSurvivesAPowerCutAtEveryCall(bool isSourceFaulty) =>
        FailEveryCallAsync(
            faults => Scenario.UpdateAsync(faults, isSourceFaulty, Token),
            plan: null,
            powerGoes: true
        );

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task AFirstCopySurvivesAPowerCutAtEveryCall(bool isSourceFaulty) =>
        FailEveryCallAsync(
            faults => Task.FromResult(Scenario.FirstCopy(faults, isSourceFaulty)),
            plan: null,
            powerGoes: true
        );

    private async Task FailEveryCallAsync(Func<Faults, Task<Scenario>> begin, Plan? plan, bool powerGoes)
    {
        var failures = 0;
        for (var number = 1L; ; number++)
        {
            var faults = new Faults();
            var scenario = await begin(faults);
            if (powerGoes)
            {
                faults.StopAt(number);
            }
            else
            {
                faults.FailAt(number);
            }

            var failed = await RunAsync(scenario, plan, number);
            var wasReached = faults.CallCount >= number;
            faults.Restart();
            if (powerGoes)
            {
                scenario.Target.Crash((int)number);
                scenario.ReceiverState.Crash((int)number + 1);
                scenario.SenderState.Crash((int)number + 2);
            }

            AssertWholeOrMarked(scenario, number);
            await ConvergeAsync(scenario, number);
            if (!wasReached)
            {
                break;
            }

            failures += failed ? 1 : 0;
        }

        output.WriteLine($"{failures} calls failed a run");
        Assert.True(failures > 10, "the faults hit nothing");
    }

    private static async Task<bool> RunAsync(Scenario scenario, Plan? plan, long number)
    {
        try
        {
            await scenario.Pair(plan).RunAsync(Token);
            Assert.True(
                scenario.Target.Content.AsSpan().SequenceEqual(scenario.After),
                $"call {number}: success, and the target differs"
            );
            return false;
        }
        catch (RsyncFsException failure)
        {
            Assert.NotEqual(ErrorId.Bug, failure.Id);
            return true;
        }
    }

    private static void AssertWholeOrMarked(Scenario scenario, long number)
    {
        var record = scenario.Record();
        if (record is not { Status: TargetStatus.Consistent })
        {
            // A sender that fails never leaves a whole target inconsistent.
            Assert.True(
                scenario.Before.Length == 0 || !scenario.IsSourceFaulty,
                $"call {number}: left inconsistent"
            );
            return;
        }

        var content = scenario.Target.DurableContent.AsSpan();
        Assert.True(
            content.SequenceEqual(scenario.Before) || content.SequenceEqual(scenario.After),
            $"call {number}: the target says that it is whole, and is not"
        );
    }

    private static async Task ConvergeAsync(Scenario scenario, long number)
    {
        var pair = scenario.Pair();
        await pair.RunAsync(Token);
        Assert.True(
            scenario.Target.DurableContent.AsSpan().SequenceEqual(scenario.After),
            $"call {number}: the next run did not converge"
        );
        Assert.Null(pair.ReceiverFailure);
    }
}
