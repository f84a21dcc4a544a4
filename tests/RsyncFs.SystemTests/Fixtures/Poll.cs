using Xunit;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>Waits for what another process does and nobody signals.</summary>
internal static class Poll
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(2);

    // In a guest, beside other work, a command of LVM takes many seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Returns as soon as <paramref name="condition"/> holds.</summary>
    /// <exception cref="TimeoutException">It does not come to that.</exception>
    public static async Task UntilAsync(Func<bool> condition)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException($"not within {Patience}");
            }

            await Task.Delay(Interval, TestContext.Current.CancellationToken);
        }
    }
}
