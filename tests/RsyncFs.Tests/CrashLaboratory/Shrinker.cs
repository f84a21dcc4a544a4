using System.Diagnostics;

namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>Looks for a smaller case that breaks the same promise: first of all a small device, then a short story.</summary>
internal static class Shrinker
{
    private const int TriedSeeds = 400;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    /// <summary>The smallest that was found, or <paramref name="id"/> itself.</summary>
    public static CaseId Shrink(CaseId id, string check)
    {
        var watch = Stopwatch.StartNew();
        var (best, bestLength) = (id, LengthOf(id, check));
        for (var size = 0; size <= id.Size && bestLength > 0; size++)
        {
            var found = false;
            for (var i = 0; i < TriedSeeds && watch.Elapsed < Patience; i++)
            {
                var tried = id with { Size = size, Seed = id.Seed + (ulong)i };
                if (LengthOf(tried, check) is > 0 and var length && length < bestLength)
                {
                    (best, bestLength, found) = (tried, length, true);
                }
            }

            if (found)
            {
                break;
            }
        }

        return best;
    }

    /// <summary>Lines of the story if the case breaks that promise; else 0.</summary>
    private static int LengthOf(CaseId id, string check) =>
        LaboratoryRun.Run(id, new LaboratoryCount(), isTraced: true) is { } violation
        && string.Equals(violation.Check, check, StringComparison.Ordinal)
            ? Math.Max(1, violation.Story.Count)
            : 0;
}
