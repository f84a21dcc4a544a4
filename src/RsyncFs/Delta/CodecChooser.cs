namespace RsyncFs.Delta;

/// <summary>
/// Which codec brings most data through: a line takes so many bytes a second, which are more data the denser they are;
/// a processor encodes so many, which are fewer the denser. The lesser of the two counts.
/// </summary>
internal static class CodecChooser
{
    // The same threads read, hash and search, and the connection encrypts: half of them is left for that.
    private const double ProcessorShare = 0.5;

    // What is this much better only is not worth the processor, nor to change one's mind for.
    private const double WorthIt = 1.05;

    /// <summary>Chooses.</summary>
    /// <param name="line">How fast the line takes bytes; must be known.</param>
    /// <param name="threadCount">Threads that encode.</param>
    /// <param name="codecs">What each was measured to do, the cheapest first; null for one that was not.</param>
    /// <param name="current">The one that is used now, which was measured.</param>
    /// <returns>The one to use.</returns>
    public static int Choose(LineRate line, int threadCount, IReadOnlyList<CodecFigures?> codecs, int current)
    {
        var rates = codecs
            .Select(codec => codec is { } some ? ThroughputOf(line, threadCount, some) : 0)
            .ToList();
        var best = rates.Max();
        if (rates[current] * WorthIt >= best && !IsCheaperAsGood(rates, current))
        {
            return current;
        }

        return rates.FindIndex(rate => rate * WorthIt >= best);
    }

    /// <summary>Bytes of data that come through in a second.</summary>
    public static double ThroughputOf(LineRate line, int threadCount, CodecFigures codec) =>
        Math.Min(line.BytesPerSecond * codec.Ratio, EncodedBy(threadCount, codec));

    /// <summary>True if a denser codec would bring more through, were it as fast.</summary>
    public static bool IsLineBound(LineRate line, int threadCount, CodecFigures codec) =>
        line.BytesPerSecond * codec.Ratio < EncodedBy(threadCount, codec);

    /// <summary>Bytes of data that the processor encodes in a second beside its other work.</summary>
    public static double EncodedBy(int threadCount, CodecFigures codec) =>
        codec.BytesPerSecond * threadCount * ProcessorShare;

    // The line became faster, say: what cost more time pays no more.
    private static bool IsCheaperAsGood(List<double> rates, int current) =>
        rates.Take(current).Any(rate => rate >= rates[current]);
}
