using System.Buffers;
using System.Globalization;

namespace RsyncFs.Cli.Arguments;

/// <summary>A span of time as people write it: always with a unit.</summary>
internal static class TimeLength
{
    private const string Hint = "write a number and a unit: 500ms 30s 5m 2h 7d";

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)),
        ("s", TimeSpan.FromSeconds(1)),
        ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)),
        ("d", TimeSpan.FromDays(1)),
    ];

    /// <summary>Reads <c>500ms</c>, <c>30s</c>, <c>5m</c>, <c>1.5h</c> or <c>7d</c>.</summary>
    /// <exception cref="Errors.RsyncFsException">No number, no unit or an unknown one, or more than a hundred years.</exception>
    public static TimeSpan Parse(string text)
    {
        var split = text.AsSpan().IndexOfAnyExcept(Digits);
        var number = split < 0 ? text : text[..split];
        var unit = split < 0 ? "" : text[split..];
        if (
            !decimal.TryParse(
                number,
                NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture,
                out var value
            )
        )
        {
            throw UsageError.Of($"'{text}' is not a length of time", Hint);
        }

        if (unit.Length == 0)
        {
            throw UsageError.Of($"length of time '{text}' has no unit", Hint);
        }

        const int LongestDays = 36_525;
        foreach (var (name, length) in Units)
        {
            if (string.Equals(name, unit, StringComparison.Ordinal))
            {
                return value <= TimeSpan.FromDays(LongestDays).Ticks / (decimal)length.Ticks
                    ? TimeSpan.FromTicks((long)(value * length.Ticks))
                    : throw UsageError.Of($"length of time '{text}' is beyond a hundred years", Hint);
            }
        }

        throw UsageError.Of($"length of time '{text}' has the unknown unit '{unit}'", Hint);
    }

    /// <summary>What <see cref="Parse"/> reads again, in the largest unit that leaves no fraction: <c>90s</c>. Less than a millisecond is dropped.</summary>
    public static string Print(TimeSpan length)
    {
        var (unit, unitLength) = Units.Last(entry =>
            length.Ticks % entry.Length.Ticks == 0 || entry.Unit is "ms"
        );
        return string.Create(CultureInfo.InvariantCulture, $"{length.Ticks / unitLength.Ticks}{unit}");
    }
}
