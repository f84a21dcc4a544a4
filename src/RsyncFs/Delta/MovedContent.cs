namespace RsyncFs.Delta;

/// <summary>
/// The search for content that the target holds elsewhere, with its index built when it is first needed: a cycle
/// whose changes are scattered never pays for it.
/// </summary>
internal sealed class MovedContent
{
    private readonly Lazy<RollingSearch> _search;

    /// <summary>Makes a search whose index <paramref name="build"/> makes, once.</summary>
    public MovedContent(SearchBudget budget, Func<RollingSearch> build)
    {
        Budget = budget;
        _search = new Lazy<RollingSearch>(build);
    }

    /// <summary>Decides which windows are searched.</summary>
    public SearchBudget Budget { get; }

    /// <summary>What of <paramref name="window"/> the target holds, wherever; see <see cref="RollingSearch.Find"/>.</summary>
    public IReadOnlyList<MatchSpan> Find(ReadOnlySpan<byte> window, long windowOffsetBytes)
    {
        var spans = _search.Value.Find(window, windowOffsetBytes);
        Budget.Record(window.Length, spans.Sum(span => span.LengthBytes));
        return spans;
    }
}
