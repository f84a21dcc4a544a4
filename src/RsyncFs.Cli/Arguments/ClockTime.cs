using System.Globalization;

namespace RsyncFs.Cli.Arguments;

/// <summary>A time of the day as people write it, to the minute: <c>08:00</c>.</summary>
internal static class ClockTime
{
    private const string Form = "HH:mm";

    /// <summary>Reads it.</summary>
    /// <exception cref="Errors.RsyncFsException">It is none.</exception>
    public static TimeOnly Parse(string text) =>
        TimeOnly.TryParseExact(text, Form, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time
            : throw UsageError.Of(
                $"'{text}' is not a time of the day",
                "two digits each, from \"00:00\" to \"23:59\"; midnight is \"00:00\""
            );

    /// <summary>What <see cref="Parse"/> reads again.</summary>
    public static string Print(TimeOnly time) => time.ToString(Form, CultureInfo.InvariantCulture);
}
