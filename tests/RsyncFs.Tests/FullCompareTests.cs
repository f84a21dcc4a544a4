using RsyncFs.Blocks;
using RsyncFs.Errors;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>C10: the compare by schedule, which believes nothing.</summary>
public sealed class FullCompareTests : FailoverScene
{
    [Fact]
    public async Task AFullCompareIsMadeByScheduleAndReadsTheTarget()
    {
        await Pair.RunAsync(Token);
        Assert.Equal(Plan.Digest, (await Pair.RunAsync(Token)).Plan);
        Pair.Options = Pair.Options with { FullCompareEvery = TimeSpan.Zero };
        var report = await Pair.RunAsync(Token);
        Assert.Equal((Plan.Compare, "a full compare was due"), (report.Plan, report.PlanReason));
        Assert.True(report.TargetBytesRead >= Length, "the target was believed, not read");
        Pair.Options = Pair.Options with { FullCompareEvery = TimeSpan.FromDays(7) };
        Assert.Equal(Plan.Digest, (await Pair.RunAsync(Token)).Plan);
    }

    /// <summary>A write that no counter saw, far from both ends: the sample may miss it, the compare by schedule does not.</summary>
    [Fact]
    public async Task AFullCompareFindsWhatTheSampleMissed()
    {
        await Pair.RunAsync(Token);
        TargetBytes[Length / 2] ^= 1;
        Pair.Options = Pair.Options with { FullCompareEvery = TimeSpan.Zero };
        var failure = await Assert.ThrowsAnyAsync<RsyncFsException>(() => Pair.RunAsync(Token));
        Assert.True(failure.Id is ErrorId.TargetDiverged or ErrorId.AuditFailed, $"{failure.Id}");
        Assert.Equal(TargetStatus.Diverged, Record.Status);
        using (var target = Pair.OpenTarget())
        {
            Assert.Equal(
                ErrorId.TargetState,
                Assert.Throws<RefusedException>(() => target.Promote(force: false)).Id
            );
        }

        await Pair.RunAsync(Token);
        AssertEqual();
        Assert.Equal(TargetStatus.Consistent, Record.Status);
    }
}
