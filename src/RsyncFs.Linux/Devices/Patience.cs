namespace RsyncFs.Linux.Devices;

/// <summary>
/// Waiting for those who hold a device for an instant only: udev while it probes what has just appeared, and a
/// process that is being started, which has our descriptors until its exec closes them.
/// </summary>
internal static class Patience
{
    private const int AttemptCount = 20;
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromMilliseconds(100);

    /// <summary>Tries until it succeeds, for two seconds at most; false if it never did.</summary>
    public static bool Until(Func<bool> succeeds)
    {
        for (var attempt = 1; attempt < AttemptCount; attempt++)
        {
            if (succeeds())
            {
                return true;
            }

            Thread.Sleep(BetweenAttempts);
        }

        return succeeds();
    }
}
