using RsyncFs.Cli.Engine.Targets;
using Xunit;

namespace RsyncFs.Tests.Cli.Targets;

public sealed class TargetTurnsTests
{
    private readonly TargetTurns _turns = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TargetsDoNotWaitForEachOther()
    {
        using var stuck = await _turns.TakeAsync(["db01"], Token);
        var other = _turns.TakeAsync(["db02"], Token);
        Assert.True(other.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task OneTargetIsChangedByOneAtATimeInTheirOrder()
    {
        var first = await _turns.TakeAsync(["db01"], Token);
        var second = _turns.TakeAsync(["db01"], Token);
        var third = _turns.TakeAsync(["db01"], Token);
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
        (await third).Dispose();
        Assert.True(_turns.TakeAsync(["db01"], Token).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task WhoeverTakesTwoHasBothOrNone()
    {
        var held = await _turns.TakeAsync(["db02"], Token);
        using var end = new CancellationTokenSource();
        var both = _turns.TakeAsync(["db02", "db01"], end.Token);
        var waits = _turns.TakeAsync(["db01"], Token);
        Assert.False(both.IsCompleted);
        Assert.False(waits.IsCompleted);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => both);
        (await waits).Dispose();
        held.Dispose();
        Assert.True(_turns.TakeAsync(["db01", "db02"], Token).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task TwoThatTakeTheSameTwoNeverWaitForEachOther()
    {
        using var first = await _turns.TakeAsync(["db01", "db02"], Token);
        var second = _turns.TakeAsync(["db02", "db01"], Token);
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
    }
}
