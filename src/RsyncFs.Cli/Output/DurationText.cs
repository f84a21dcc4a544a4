using System.Globalization;

namespace RsyncFs.Cli.Output;

/// <summary>Spans of time as people read them.</summary>
internal static class DurationText
{
    /// <summary>Two parts at most: <c>12ms</c>, <c>4.8s</c>, <c>2m23s</c>, <c>3h12m</c>, <c>12d4h</c>.</summary>
    public static string Of(TimeSpan duration)
    {
        var culture = CultureInfo.InvariantCulture;
        if (duration.TotalMilliseconds < 999.5)
        {
            return string.Create(culture, $"{duration.TotalMilliseconds:0}ms");
        }

        if (duration.TotalSeconds < 59.95)
        {
            return string.Create(culture, $"{duration.TotalSeconds:0.0}s");
        }

        var whole = TimeSpan.FromSeconds(Math.Round(duration.TotalSeconds));
        return whole switch
        {
            { TotalHours: < 1 } => string.Create(culture, $"{whole.Minutes}m{whole.Seconds:00}s"),
            { TotalDays: < 1 } => string.Create(culture, $"{whole.Hours}h{whole.Minutes:00}m"),
            _ => string.Create(culture, $"{whole.Days}d{whole.Hours}h"),
        };
    }
}
