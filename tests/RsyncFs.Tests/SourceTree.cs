namespace RsyncFs.Tests;

/// <summary>The checkout that the tests were built from.</summary>
public static class SourceTree
{
    /// <summary>The directory of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The C# files below <paramref name="folder"/>, what the build makes left out.</summary>
    public static IReadOnlyList<string> FilesOf(string folder) =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
                .Where(path => !path.Contains("/obj/", StringComparison.Ordinal))
                .Where(path => !path.Contains("/bin/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];

    private static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "RsyncFs.sln")))
        {
            directory =
                Path.GetDirectoryName(directory)
                ?? throw new InvalidOperationException("the tests do not lie inside a checkout");
        }

        return directory;
    }
}
