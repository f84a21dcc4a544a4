namespace RsyncFs.Cli.Output;

/// <summary>How fast a phase goes, and when it will be done.</summary>
/// <param name="BytesPerSecond">Bytes of the device a second since the phase began; 0 while too little is known.</param>
/// <param name="Remaining">Time to go at that rate; null while it is not known.</param>
internal readonly record struct ProgressRate(double BytesPerSecond, TimeSpan? Remaining)
{
    private static readonly TimeSpan LongestGuess = TimeSpan.FromDays(365);

    /// <summary>The rate of a phase that has run for <paramref name="elapsed"/>.</summary>
    public static ProgressRate Of(CycleProgress progress, TimeSpan elapsed)
    {
        if (elapsed <= TimeSpan.Zero || progress.DoneBytes <= 0)
        {
            return new ProgressRate(0, null);
        }

        var bytesPerSecond = progress.DoneBytes / elapsed.TotalSeconds;
        var seconds = Math.Max(0, progress.TotalBytes - progress.DoneBytes) / bytesPerSecond;
        return new ProgressRate(
            bytesPerSecond,
            seconds < LongestGuess.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null
        );
    }
}
