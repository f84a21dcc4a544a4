using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Engine.Jobs;
using RsyncFs.Errors;
using Xunit;

namespace RsyncFs.Tests.Cli.Jobs;

public sealed class LimitBookTests
{
    private static readonly JobWay DbToBackup = new("db01", "backup1");
    private static readonly JobWay DbToDr = new("db01", "dr2");
    private static readonly JobWay WebToDr = new("web", "dr2");
    private static readonly JobWay MailToImage = new("mail", "/backup/mail.img");
    private static readonly JobWay[] All = [DbToBackup, DbToDr, WebToDr, MailToImage];
    private static readonly Rate Slow = new(100_000);
    private static readonly Rate Fast = new(900_000);

    private readonly LimitBook _book = new();

    [Fact]
    public void AJobIsAllItsWaysAReceiverAllThatLeadThereAndOneWayIsOne()
    {
        Assert.Equal([DbToBackup, DbToDr], _book.Say("db01", Slow, All));
        Assert.Equal([Slow, Slow, null, null], Said());
        Assert.Equal([DbToDr, WebToDr], _book.Say("dr2", Fast, All));
        Assert.Equal([Slow, Fast, Fast, null], Said());
        Assert.Equal([DbToBackup], _book.Say("db01/backup1", Rate.Unlimited, All));
        Assert.Equal([Rate.Unlimited, Fast, Fast, null], Said());
        Assert.Equal([MailToImage], _book.Say("/backup/mail.img", Slow, All));
        Assert.Equal([MailToImage], _book.Say("mail//backup/mail.img", Fast, All));
        Assert.Equal(Fast, _book.SaidOf(MailToImage));
    }

    [Fact]
    public void TheLastWordCountsAndAutoTakesItBack()
    {
        _book.Say("db01", Slow, All);
        _book.Say("db01/dr2", Fast, All);
        _book.Say("db01", Rate.Unlimited, All);
        Assert.Equal([Rate.Unlimited, Rate.Unlimited, null, null], Said());
        _book.Say("db01", rate: null, All);
        Assert.Equal([null, null, null, null], Said());

        // What was said of the job is still there when what was said of the receiver is taken back.
        _book.Say("db01", Slow, All);
        _book.Say("dr2", Fast, All);
        _book.Say("dr2", rate: null, All);
        Assert.Equal([Slow, Slow, null, null], Said());
    }

    [Fact]
    public void TheSignalLiftsAllLimitsAndThenLetsThemHoldAgain()
    {
        _book.Say("db01", Slow, All);
        Assert.True(_book.Toggle());
        Assert.All(Said(), rate => Assert.Equal(Rate.Unlimited, rate));

        // What is said meanwhile is newer than the signal.
        _book.Say("web", Fast, All);
        Assert.Equal([Rate.Unlimited, Rate.Unlimited, Fast, Rate.Unlimited], Said());
        Assert.False(_book.Toggle());
        Assert.Equal([Slow, Slow, Fast, null], Said());
    }

    [Fact]
    public void TheConfigurationHoldsWhereNobodySaidAnything()
    {
        var schedule = RateSchedule.Of(Slow);
        var control = _book.ControlOf(WebToDr, schedule);
        Assert.Equal(Slow, control.At(default));
        _book.Say("dr2", Fast, All);
        Assert.Equal(Fast, control.At(default));
        _book.Say("dr2", Rate.Unlimited, All);
        Assert.Equal(Rate.Unlimited, control.At(default));
        _book.Say("dr2", rate: null, All);
        Assert.Equal(Slow, control.At(default));
    }

    [Theory]
    [InlineData("dr3", "did you mean 'dr2'?")]
    [InlineData("zzzzzzzz", "it has: db01 web mail backup1 dr2 /backup/mail.img")]
    [InlineData("web/backup1", null)]
    [InlineData("", null)]
    public void ANameThatIsNotThereIsRefused(string name, string? hint)
    {
        var refusal = Assert.Throws<RsyncFsException>(() => _book.Say(name, Slow, All));
        Assert.Equal(ErrorId.Usage, refusal.Id);
        if (hint is not null)
        {
            Assert.Equal(hint, refusal.Hint);
        }

        Assert.Equal([null, null, null, null], Said());
    }

    [Fact]
    public void ANameThatMayMeanEitherIsRefused()
    {
        JobWay[] ways = [new("dr2", "backup1"), new("web", "dr2")];
        var refusal = Assert.Throws<RsyncFsException>(() => _book.Say("dr2", Slow, ways));
        Assert.Equal("say which way: dr2/backup1  web/dr2", refusal.Hint);
        Assert.Equal([ways[1]], _book.Say("web/dr2", Slow, ways));
    }

    private Rate?[] Said() => [.. All.Select(_book.SaidOf)];
}
