using System.Globalization;

namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>Names one case: everything in it follows from this.</summary>
/// <param name="Story">Which story.</param>
/// <param name="Mode">What goes wrong.</param>
/// <param name="Seed">All chance.</param>
/// <param name="Size">How large things are, 0 to 3.</param>
internal sealed record CaseId(string Story, CaseMode Mode, ulong Seed, int Size)
{
    /// <summary>As it is printed, and given on the command line.</summary>
    public override string ToString() => $"{Story}:{Mode}:{Seed}:{Size}";

    /// <summary>Reads what <see cref="ToString"/> gives.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static CaseId Parse(string text) =>
        text.Split(':') is [var story, var mode, var seed, var size]
        && Enum.TryParse<CaseMode>(mode, out var known)
            ? new CaseId(
                story,
                known,
                ulong.Parse(seed, CultureInfo.InvariantCulture),
                int.Parse(size, CultureInfo.InvariantCulture)
            )
            : throw new FormatException($"'{text}' is not STORY:MODE:SEED:SIZE");
}
