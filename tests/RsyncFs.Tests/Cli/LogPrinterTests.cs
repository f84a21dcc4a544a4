using System.Text.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Cli.Output.Logs;
using RsyncFs.Errors;
using Xunit;

namespace RsyncFs.Tests.Cli;

/// <summary>Lines of the log as programs read them.</summary>
public sealed class LogPrinterTests
{
    private static readonly RsyncFsException Error = new(ErrorId.Fenced, "the target was promoted")
    {
        Where = "dr2/mail",
        Cause = "first line\nsecond \"quoted\" line",
        Hint = "rsyncfs target reverse mail",
    };

    [Fact]
    public void ALineForTheJournalHasItsPriorityInFrontAndWhatToDoAtItsEnd() =>
        Assert.Equal(
            """<3>job=mail dest=dr2 run=7f3a91c2 event=error id=fenced exit=9 where=dr2/mail cause="first line\nsecond \"quoted\" line" msg="the target was promoted" hint="rsyncfs target reverse mail" """.TrimEnd()
                + "\n",
            Said(LogFormat.Systemd, Failed())
        );

    [Fact]
    public void ALineOfLogfmtHasTimeAndLevel()
    {
        var fake = new FakeTerminal();
        var line = Said(LogFormat.Logfmt, new LogLine(LogLevel.Info, "ready", "looping"), fake);
        Assert.StartsWith("ts=", line, StringComparison.Ordinal);
        Assert.EndsWith(
            "Z level=info run=7f3a91c2 event=ready msg=looping\n",
            line,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void ALineOfJsonHasNumbersAsNumbers()
    {
        var line = new LogLine(LogLevel.Warning, "commit", "done")
        {
            Fields = [LogField.Of("sent", 61341696), LogField.Of("dur", TimeSpan.FromSeconds(4.81))],
        };
        using var read = JsonDocument.Parse(Said(LogFormat.Json, line));
        var root = read.RootElement;
        Assert.Equal("log", root.GetProperty("type").GetString());
        Assert.Equal("warn", root.GetProperty("level").GetString());
        Assert.Equal(61341696, root.GetProperty("sent").GetInt64());
        Assert.Equal(4.81, root.GetProperty("dur").GetDouble());
        Assert.Equal("done", root.GetProperty("msg").GetString());
    }

    [Fact]
    public void PeopleReadWhatTheyAlwaysRead() =>
        Assert.Equal("rsyncfs: error: x\n  where y\n", Said(LogFormat.Human, Failed()));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("", "\"\"")]
    [InlineData("two words", "\"two words\"")]
    [InlineData("a=b", "\"a=b\"")]
    [InlineData("back\\slash", "\"back\\\\slash\"")]
    [InlineData("\e[2J", "\"\\u001b[2J\"")]
    [InlineData("tab\tend\r\n", "\"tab\\tend\\u000d\\n\"")]
    public void AValueIsOneWord(string text, string printed) =>
        Assert.Equal($"key={printed}", LogPrinter.Logfmt([new LogField("key", text)]));

    [Fact]
    public void WhereOnlyErrorsAreWantedOthersAreSaidIfAskedFor()
    {
        var fake = new FakeTerminal();
        var writer = new LogWriter(
            fake.Terminal,
            new OutputSettings(Json: false, ProgressStyle.None, Quiet: true, 0)
        );
        writer.Write(new LogLine(LogLevel.Warning, "warning", "not said"));
        writer.WriteAsked(new LogLine(LogLevel.Info, "progress", "asked for"));
        writer.Write(Failed());
        Assert.Equal("asked for\nrsyncfs: error: x\n  where y\n", fake.Error);
    }

    [Theory]
    [InlineData("--log-format json sync", "Json")]
    [InlineData("sync --log-format=systemd --nonsense", "Systemd")]
    [InlineData("sync --log-format", "Human")]
    [InlineData("sync --log-format nonsense", "Human")]
    [InlineData("sync -- --log-format json", "Human")]
    public void AnErrorOfTheCommandLineHasTheFormThatItAsksFor(string line, string format) =>
        Assert.Equal(format, $"{OutputSettings.Guess(line.Split(' ')).Log}");

    private static LogLine Failed() =>
        LogLine.Of(Error, "rsyncfs: error: x\n  where y\n") with
        {
            About = [new LogField("job", "mail"), new LogField("dest", "dr2")],
        };

    private static string Said(LogFormat format, LogLine line, FakeTerminal? fake = null)
    {
        fake ??= new FakeTerminal();
        var settings = new OutputSettings(Json: false, ProgressStyle.None, Quiet: false, 0) { Log = format };
        new LogWriter(fake.Terminal, settings).Write(line);
        return fake.Error;
    }
}
