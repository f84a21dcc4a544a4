using Xunit;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>Waits for what another process does and nobody signals.</summary>
internal static class Poll
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Returns as soon as <paramref name="condition"/> holds.</summary>
    /// <param name="condition">What is waited for.</param>
    /// <param name="patience">How long at most; a minute, unless said.</param>
    /// <exception cref="TimeoutException">It does not come to that.</exception>
    public static async Task UntilAsync(Func<bool> condition, TimeSpan? patience = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > (patience ?? Patience))
            {
                throw new TimeoutException($"not within {patience ?? Patience}");
            }

            await Task.Delay(Interval, TestContext.Current.CancellationToken);
        }
    }
}
