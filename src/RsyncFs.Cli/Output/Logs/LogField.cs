using System.Globalization;

namespace RsyncFs.Cli.Output.Logs;

/// <summary>What a program may want to know of a line.</summary>
/// <param name="Key">Its name, lower case, without spaces.</param>
/// <param name="Text">The value as a text.</param>
/// <param name="Number">The value where it is a number: bytes, seconds, a count; null where it is none.</param>
internal readonly record struct LogField(string Key, string Text, double? Number = null)
{
    /// <summary>A number of bytes, or a count.</summary>
    public static LogField Of(string key, long value) =>
        new(key, value.ToString(CultureInfo.InvariantCulture), value);

    /// <summary>A time: <c>4.81s</c>; as a number its seconds.</summary>
    public static LogField Of(string key, TimeSpan time) =>
        new(
            key,
            string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.##}s"),
            Math.Round(time.TotalSeconds, 2)
        );
}
