using System.CommandLine;
using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Commands;

/// <summary>The options that say how much of the line a run may take.</summary>
internal sealed class LimitOptions
{
    private readonly Option<string?> _rate;

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

    /// <summary>Adds the options to <paramref name="command"/>.</summary>
    public void AddTo(Command command) => command.Options.Add(_rate);

    /// <summary>How fast to send; null if the line does not say.</summary>
    /// <exception cref="Errors.RsyncFsException">It is no rate.</exception>
    public RateSchedule? BindRates(ParseResult parsed) =>
        parsed.GetValue(_rate) is { } text ? RateSchedule.Of(Rate.Parse(text)) : null;
}
