namespace RsyncFs.Cli.Engine.Control;

/// <summary>One of the places of those who are served at a time. It is left once, however often that is said.</summary>
/// <param name="places">All of them; one was taken.</param>
internal sealed class CallerPlace(SemaphoreSlim places)
{
    private int _isLeft;

    /// <summary>Lets the next one in.</summary>
    public void Leave()
    {
        if (Interlocked.Exchange(ref _isLeft, 1) == 0)
        {
            places.Release();
        }
    }
}
