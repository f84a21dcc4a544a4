using System.Globalization;

namespace RsyncFs.Cli.Output;

/// <summary>Spans of time as people read them.</summary>
internal static class DurationText
{
    /// <summary>Two parts at most: <c>12ms</c>, <c>4.8s</c>, <c>2m23s</c>, <c>3h12m</c>, <c>12d4h</c>.</summary>
    public static string Of(TimeSpan duration)
    {
        var culture = CultureInfo.InvariantCulture;
        return duration switch
        {
            { TotalMilliseconds: < 999.5 } => string.Create(culture, $"{duration.TotalMilliseconds:0}ms"),
            { TotalSeconds: < 59.95 } => string.Create(culture, $"{duration.TotalSeconds:0.0}s"),
            { TotalHours: < 1 } => string.Create(
                culture,
                $"{(int)duration.TotalMinutes}m{duration.Seconds:00}s"
            ),
            { TotalDays: < 1 } => string.Create(
                culture,
                $"{(int)duration.TotalHours}h{duration.Minutes:00}m"
            ),
            _ => string.Create(culture, $"{(int)duration.TotalDays}d{duration.Hours}h"),
        };
    }
}
