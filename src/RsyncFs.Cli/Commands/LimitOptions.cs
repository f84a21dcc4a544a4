using System.CommandLine;
using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Commands;

/// <summary>The options that say how much of the line, and how long, a run may take.</summary>
internal sealed class LimitOptions
{
    private readonly Option<string?> _rate;

    private readonly Option<string?> _time = new("--max-time")
    {
        Description =
            "How long to run at most: then what was sent is made durable, and exit code 12 says that there is more. The next run goes on from there.",
        HelpName = "DUR",
    };

    private readonly Option<string?> _transfer = new("--max-transfer")
    {
        Description = "How much to send at most; else the same.",
        HelpName = "SIZE",
    };

    /// <summary>The options.</summary>
    /// <param name="rateDefault">What holds if the line does not say how fast may be sent.</param>
    public LimitOptions(string rateDefault)
    {
        _rate = new Option<string?>("--bwlimit")
        {
            Description =
                $"How fast to send at most, in bits (40Mbit/s) or bytes (512KiB/s); off: no limit. Default: {rateDefault}.",
            HelpName = Rate.HelpName,
        };
    }

    /// <summary>Adds the one that says how fast to send to <paramref name="command"/>.</summary>
    public void AddRateTo(Command command) => command.Options.Add(_rate);

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public void AddTo(Command command)
    {
        AddRateTo(command);
        command.Options.Add(_time);
        command.Options.Add(_transfer);
    }

    /// <summary>How fast to send; null if the line does not say.</summary>
    /// <exception cref="Errors.RsyncFsException">It is no rate.</exception>
    public RateSchedule? BindRates(ParseResult parsed) =>
        parsed.GetValue(_rate) is { } text ? RateSchedule.Of(Rate.Parse(text)) : null;

    /// <summary>What the run may take, which begins now; null if the line does not say.</summary>
    /// <exception cref="Errors.RsyncFsException">No length of time, no size, or too little of either.</exception>
    public RunBudget? BindBudget(ParseResult parsed, TimeProvider clock)
    {
        var time = parsed.GetValue(_time) is { } length ? Time(length) : (TimeSpan?)null;
        var bytes = parsed.GetValue(_transfer) is { } size ? Transfer(size) : (long?)null;
        return time is null && bytes is null ? null : new RunBudget(clock, time, bytes);
    }

    private static TimeSpan Time(string text)
    {
        var length = TimeLength.Parse(text);
        return length > TimeSpan.Zero
            ? length
            : throw UsageError.Of("--max-time is nothing", "write a number and a unit: 30m 6h");
    }

    private static long Transfer(string text)
    {
        var size = ByteSize.Parse(text);
        return size.Bytes >= LimitSizes.LeastTransferBytes
            ? size.Bytes
            : throw UsageError.Of(
                $"--max-transfer {text} is too little",
                "1MiB is the least: less is taken by all that is said beside the data"
            );
    }
}
