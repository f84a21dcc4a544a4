namespace RsyncFs.Delta;

/// <summary>
/// Decides, window by window, whether the search for moved content is worth its time, from what it found so far.
/// Most volumes hold none, and rolling costs some fifty times what hashing does. Safe for several threads.
/// </summary>
public sealed class SearchBudget
{
    /// <summary>
    /// Bytes that are always searched first: about 20 ms of work, and enough to see one moved file among others.
    /// </summary>
    public const long TrialBytes = 16L * 1024 * 1024;

    /// <summary>
    /// The search pays if it finds one byte in this many. To roll over 64 bytes takes about 0.1 us; a byte found
    /// saves a byte to compress, send, stage and write, 0.01 us on the fastest link and 1 us on a slow one.
    /// </summary>
    public const int WorthwhileRatio = 64;

    /// <summary>
    /// Of the windows that do not pay, one in this many is searched all the same, so that moved content further on
    /// is noticed: it costs a sixteenth of searching all.
    /// </summary>
    public const int SampleInterval = 16;

    // Counts are halved beyond this, so that the past fades and one good window is enough to be worthwhile again.
    private const long MemoryBytes = 2 * TrialBytes;

    private readonly Lock _lock = new();
    private readonly bool? _always;
    private long _searchedBytes;
    private long _foundBytes;
    private bool _trialIsOver;
    private int _skippedCount;

    private SearchBudget(bool? always) => _always = always;

    /// <summary>A budget that searches every window.</summary>
    public static SearchBudget Always() => new(always: true);

    /// <summary>A budget that searches none.</summary>
    public static SearchBudget Never() => new(always: false);

    /// <summary>A budget that searches where it pays.</summary>
    public static SearchBudget Adaptive() => new(always: null);

    /// <summary>True if the next window is to be searched; then <see cref="Record"/> is to be told what came of it.</summary>
    public bool ShouldSearch()
    {
        if (_always is { } always)
        {
            return always;
        }

        lock (_lock)
        {
            if (!_trialIsOver || _foundBytes * WorthwhileRatio >= _searchedBytes)
            {
                return true;
            }

            _skippedCount = (_skippedCount + 1) % SampleInterval;
            return _skippedCount == 0;
        }
    }

    /// <summary>Counts a window that was searched.</summary>
    /// <param name="searchedBytes">Its length.</param>
    /// <param name="foundBytes">The bytes of it that the base holds.</param>
    public void Record(long searchedBytes, long foundBytes)
    {
        lock (_lock)
        {
            _searchedBytes += searchedBytes;
            _foundBytes += foundBytes;
            _trialIsOver |= _searchedBytes >= TrialBytes;
            while (_searchedBytes > MemoryBytes)
            {
                _searchedBytes /= 2;
                _foundBytes /= 2;
            }
        }
    }
}
