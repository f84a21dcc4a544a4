using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using RsyncFs.Tests.Laboratory;
using Xunit;

namespace RsyncFs.Tests.Cli;

/// <summary>What a run says that was ended at its limit: how much is done, where, and how to go on.</summary>
public sealed class LimitTextTests
{
    private const int MiB = 1024 * 1024;

    private readonly ManualClock _clock = new();

    [Fact]
    public void APartOfAnUpdate() =>
        Assert.Equal(
            """
            rsyncfs: error: --max-transfer 10MiB is reached: 37% of what differs has arrived [limit-reached]
              where  rsyncfs://backup1:8730/db01
              cause  24.0 MiB of 64.0 MiB are there, durably; this run sent 9.9 MiB
              hint   run the same command again: it goes on from there; the target is at its old generation until all has arrived

            """,
            Print(
                new LimitReachedException("x")
                {
                    IsTime = false,
                    ArrivedBytes = 24 * MiB,
                    TotalBytes = 64 * MiB,
                    SentBytes = 99 * MiB / 10,
                }
            )
        );

    [Fact]
    public void APartOfAFirstCopy() =>
        Assert.Equal(
            """
            rsyncfs: error: --max-time 90m is reached: 99% of what differs has arrived [limit-reached]
              where  rsyncfs://backup1:8730/db01
              cause  64.0 MiB of 64.0 MiB are there, durably; this run sent 1.0 MiB
              hint   run the same command again: it goes on from there; the target is marked inconsistent until all has arrived

            """,
            Print(
                new LimitReachedException("x")
                {
                    IsTime = true,
                    ArrivedBytes = (64 * MiB) - 1,
                    TotalBytes = 64 * MiB,
                    SentBytes = MiB,
                    IsTargetWhole = false,
                }
            )
        );

    [Fact]
    public void NothingThatWasFoundYet() =>
        Assert.Equal(
            """
            rsyncfs: error: --max-time 90m is over, and what differs was not found yet [limit-reached]
              where  rsyncfs://backup1:8730/db01
              cause  nothing of the source was sent, but what had arrived before is still there
              hint   allow more time: each run has to find what differs first

            """,
            Print(new LimitReachedException("x") { IsTime = true })
        );

    [Fact]
    public void APartOfASourceInUse() =>
        Assert.Equal(
            """
            rsyncfs: error: --max-transfer 10MiB is reached: 50% of what differs has arrived [limit-reached]
              where  rsyncfs://backup1:8730/db01
              cause  the source is in use (--snapshot none): what was sent of it can not be gone on with
              hint   run it without the limit, or from a snapshot

            """,
            Print(
                new LimitReachedException("x")
                {
                    IsTime = false,
                    ArrivedBytes = MiB,
                    TotalBytes = 2 * MiB,
                    SentBytes = MiB,
                    IsKept = false,
                }
            )
        );

    [Fact]
    public void AJobForWhichNothingIsLeftIsNotBegun()
    {
        var budget = Budget();
        Assert.Null(LimitText.OfNothingLeft(null));
        Assert.Null(LimitText.OfNothingLeft(budget));
        Assert.Null(LimitText.OfNothingLeft(new RunBudget(_clock, null, null)));
        budget.Count((9 * MiB) + 1);
        var nothing = LimitText.OfNothingLeft(budget);
        Assert.Equal("--max-transfer 10MiB was reached before this began", nothing!.Message);
        Assert.Equal((ErrorId.LimitReached, ExitCode.Limit), (nothing.Id, nothing.ExitCode));
        _clock.Advance(TimeSpan.FromMinutes(90));
        Assert.Equal(
            "--max-time 90m was reached before this began",
            LimitText.OfNothingLeft(budget)!.Message
        );
    }

    [Fact]
    public void ItHasAnExitCodeOfItsOwnAndTryingAgainHelps()
    {
        Assert.Equal((ExitCode)12, ErrorCatalogue.ExitCodeOf(ErrorId.LimitReached));
        Assert.True(ErrorCatalogue.IsTransient(ErrorId.LimitReached));
        Assert.Equal("limit-reached", ErrorCatalogue.Kebab(ErrorId.LimitReached));
        // Whatever else failed needs somebody more.
        Assert.Equal(ExitCode.Limit, ErrorCatalogue.ExitCodeOf([ExitCode.Limit, ExitCode.Limit]));
        Assert.Equal(ExitCode.Unreachable, ErrorCatalogue.ExitCodeOf([ExitCode.Limit, ExitCode.Unreachable]));
        Assert.Equal(ExitCode.Partial, ErrorCatalogue.ExitCodeOf([ExitCode.Limit, ExitCode.Ok]));
    }

    [Fact]
    public void AnEventHasTheNumbers()
    {
        var fake = new FakeTerminal();
        var reached = new LimitReachedException("x")
        {
            IsTime = false,
            ArrivedBytes = 1,
            TotalBytes = 3,
            SentBytes = 2,
        };
        RsyncFs
            .Cli.Failure.Of(LimitText.Of(reached, Budget(), "there"), signal: null)
            .Print(fake.Terminal, new OutputSettings(Json: true, ProgressStyle.None, Quiet: false, 0));
        var lines = fake.Output.Split('\n');
        Assert.Contains("\"id\":\"limit-reached\",\"exit_code\":12,", lines[0], StringComparison.Ordinal);
        Assert.EndsWith(
            ",\"arrived\":1,\"total\":3,\"sent\":2,\"transient\":true}",
            lines[0],
            StringComparison.Ordinal
        );
        Assert.EndsWith(",\"code\":12}", lines[1], StringComparison.Ordinal);
    }

    private RunBudget Budget() => new(_clock, TimeSpan.FromMinutes(90), 10 * MiB);

    private string Print(LimitReachedException reached) =>
        ErrorPrinter.Print(LimitText.Of(reached, Budget(), "rsyncfs://backup1:8730/db01"), verbosity: 0);
}
