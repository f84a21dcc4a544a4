using RsyncFs.Blocks;
using RsyncFs.Delta;
using RsyncFs.Errors;
using Xunit;

namespace RsyncFs.Tests.Delta;

public sealed class PlannerTests
{
    private static readonly Guid Generation = Guid.NewGuid();
    private static readonly Digest Root = new(7, 0);

    private static PlannerInput Agreed =>
        new(
            TargetStatus.Consistent,
            Generation,
            Root,
            true,
            Generation,
            Root,
            Wanted: null,
            WritesNothing: false,
            ApplyMode.Journal,
            IsCompareDue: false,
            Resumed: null
        );

    [Fact]
    public void TakesDigestWhereBothMapsAreOfTheTargetsGeneration()
    {
        var choice = Planner.Choose(Agreed);
        Assert.Equal((Plan.Digest, ApplyMode.Journal), (choice.Plan, choice.ApplyMode));
    }

    [Fact]
    public void ComparesWhereAnythingIsInDoubt()
    {
        PlannerInput[] doubts =
        [
            Agreed with
            {
                IsTargetMapTrusted = false,
            },
            Agreed with
            {
                SenderGeneration = Guid.Empty,
            },
            Agreed with
            {
                SenderGeneration = Guid.NewGuid(),
            },
            Agreed with
            {
                SenderRoot = new Digest(8, 0),
            },
            Agreed with
            {
                WritesNothing = true,
            },
        ];
        var reasons = new HashSet<string>(StringComparer.Ordinal);
        foreach (var doubt in doubts)
        {
            var choice = Planner.Choose(doubt);
            Assert.Equal((Plan.Compare, ApplyMode.Journal), (choice.Plan, choice.ApplyMode));
            reasons.Add(choice.Reason);
            Assert.Throws<RefusedException>(() => Planner.Choose(doubt with { Wanted = Plan.Digest }));
        }

        Assert.True(reasons.Count >= 4, "the reasons tell the doubts apart");
    }

    [Theory]
    [InlineData(TargetStatus.Empty, Plan.Full)]
    [InlineData(TargetStatus.Initializing, Plan.Compare)]
    public void ATargetThatIsNotWholeIsWrittenInPlace(TargetStatus status, Plan plan)
    {
        var choice = Planner.Choose(Agreed with { Status = status, Mode = ApplyMode.Direct });
        Assert.Equal((plan, ApplyMode.Direct), (choice.Plan, choice.ApplyMode));
        Assert.Throws<RefusedException>(() =>
            Planner.Choose(Agreed with { Status = status, Wanted = Plan.Digest })
        );
    }

    [Theory]
    [InlineData(Plan.Full)]
    [InlineData(Plan.Compare)]
    [InlineData(Plan.Digest)]
    public void TakesWhatAPersonWantsAndKeepsAWholeTargetWhole(Plan wanted)
    {
        var choice = Planner.Choose(Agreed with { Wanted = wanted });
        Assert.Equal((wanted, ApplyMode.Journal), (choice.Plan, choice.ApplyMode));
    }
}
