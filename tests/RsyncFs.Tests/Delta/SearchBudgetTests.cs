using RsyncFs.Delta;
using Xunit;

namespace RsyncFs.Tests.Delta;

public sealed class SearchBudgetTests
{
    private const int Window = 1 << 20;
    private const int TrialWindowCount = (int)(SearchBudget.TrialBytes / Window);

    [Fact]
    public void AlwaysSearchesWhateverItFinds()
    {
        var budget = SearchBudget.Always();
        Assert.Equal(1000, SearchedOf(budget, 1000, foundBytes: 0));
    }

    [Fact]
    public void NeverSearches() => Assert.Equal(0, SearchedOf(SearchBudget.Never(), 1000, foundBytes: 0));

    [Fact]
    public void SearchesTheTrialWhole() =>
        Assert.Equal(TrialWindowCount, SearchedOf(SearchBudget.Adaptive(), TrialWindowCount, foundBytes: 0));

    [Fact]
    public void SearchesOneWindowInSixteenWhereNothingIsFound()
    {
        var budget = SearchBudget.Adaptive();
        SearchedOf(budget, TrialWindowCount, foundBytes: 0);
        Assert.Equal(100, SearchedOf(budget, 100 * SearchBudget.SampleInterval, foundBytes: 0));
    }

    [Fact]
    public void GoesOnSearchingWhereEnoughIsFound() =>
        Assert.Equal(
            1000,
            SearchedOf(SearchBudget.Adaptive(), 1000, foundBytes: 2 * Window / SearchBudget.WorthwhileRatio)
        );

    [Fact]
    public void StopsWhereLessIsFoundThanItCosts()
    {
        var searched = SearchedOf(SearchBudget.Adaptive(), 1000, (Window / SearchBudget.WorthwhileRatio) - 1);
        Assert.InRange(searched, TrialWindowCount, TrialWindowCount + (1000 / SearchBudget.SampleInterval));
    }

    [Fact]
    public void OneGoodWindowIsEnoughToSearchAgainHoweverLongNothingWasFound()
    {
        var budget = SearchBudget.Adaptive();
        SearchedOf(budget, 1_000_000, foundBytes: 0);
        Assert.Equal(0, SearchedOf(budget, 1, foundBytes: 0));

        budget.Record(Window, Window);

        Assert.Equal(20, SearchedOf(budget, 20, foundBytes: 0));
    }

    [Fact]
    public void AGoodBeginningIsForgottenInTime()
    {
        var budget = SearchBudget.Adaptive();
        SearchedOf(budget, 10_000, foundBytes: Window);
        Assert.InRange(SearchedOf(budget, 10_000, foundBytes: 0), 0, 1000);
    }

    [Fact]
    public void ThreadsShareOneBudget()
    {
        var budget = SearchBudget.Adaptive();
        budget.Record(SearchBudget.TrialBytes, 0);
        var searched = 0;
        Parallel.For(
            0,
            16_000,
            new ParallelOptions { CancellationToken = TestContext.Current.CancellationToken },
            _ => Interlocked.Add(ref searched, SearchedOf(budget, 1, foundBytes: 0))
        );
        Assert.Equal(1000, searched);
    }

    private static int SearchedOf(SearchBudget budget, int windowCount, long foundBytes)
    {
        var searched = 0;
        for (var i = 0; i < windowCount; i++)
        {
            if (budget.ShouldSearch())
            {
                searched++;
                budget.Record(Window, foundBytes);
            }
        }

        return searched;
    }
}
