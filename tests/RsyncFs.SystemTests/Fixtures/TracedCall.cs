using System.Globalization;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>A call to the kernel that a traced process made.</summary>
/// <param name="Number">The how-manieth of those that are watched.</param>
/// <param name="Name">Its name.</param>
/// <param name="Path">The file that it is about.</param>
/// <param name="OffsetBytes">Where in it.</param>
/// <param name="LengthBytes">How much of it.</param>
/// <param name="Fate">What became of it: <c>pass</c>, or what was asked for.</param>
internal sealed record TracedCall(
    int Number,
    string Name,
    string Path,
    long OffsetBytes,
    long LengthBytes,
    string Fate
)
{
    /// <summary>Reads a line of the tracer; null if it says something else.</summary>
    public static TracedCall? TryParse(string line)
    {
        // A path may have spaces: it is what lies between.
        var words = line.Split(' ');
        return words.Length >= 6 && int.TryParse(words[0], CultureInfo.InvariantCulture, out var number)
            ? new TracedCall(
                number,
                words[1],
                string.Join(' ', words[2..^3]),
                long.Parse(words[^3], CultureInfo.InvariantCulture),
                long.Parse(words[^2], CultureInfo.InvariantCulture),
                words[^1]
            )
            : null;
    }

    /// <summary>The call as a table shows it: its name, the file's name, and where.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Number, 4} {Name, -10} {System.IO.Path.GetFileName(Path)} @{OffsetBytes} +{LengthBytes}"
        );
}
