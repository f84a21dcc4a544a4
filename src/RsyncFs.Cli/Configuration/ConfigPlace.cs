using System.Globalization;

namespace RsyncFs.Cli.Configuration;

/// <summary>Where something stands in a configuration.</summary>
/// <param name="File">The file, as it was found.</param>
/// <param name="Line">Its line, the first is 1.</param>
/// <param name="Column">Its column, the first is 1.</param>
/// <param name="Path">The keys that lead there: <c>jobs[db01].interval</c>; empty for the whole file.</param>
internal sealed record ConfigPlace(string File, long Line, long Column, string Path)
{
    /// <summary>As compilers write it, so that an editor finds it.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}");
}
