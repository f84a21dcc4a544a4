using System.Reflection;

namespace RsyncFs.Fuzz.Targets;

/// <summary>The frames of tests/RsyncFs.Tests/Protocol/Golden, which are of format 1 of <see cref="Formats"/>.</summary>
internal static class GoldenFrames
{
    private const string Extension = ".hex";

    public static IReadOnlyList<byte[]> All { get; } =
    [
        .. Assembly
            .GetExecutingAssembly()
            .GetManifestResourceNames()
            .Where(name => name.EndsWith(Extension, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(Read),
    ];

    private static byte[] Read(string name)
    {
        using var text = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!);
        var digits = text.ReadToEnd().Split('\n').Select(line => line.Split('#')[0]);
        return Convert.FromHexString(
            string.Concat(digits.SelectMany(line => line.Where(char.IsAsciiHexDigit)))
        );
    }
}
