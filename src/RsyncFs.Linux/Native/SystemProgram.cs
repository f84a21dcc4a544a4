namespace RsyncFs.Linux.Native;

/// <summary>Finds programs by their names, and never in the current directory, where anybody may have put one.</summary>
internal static class SystemProgram
{
    /// <summary>Where the system's are. Not PATH: cron's lacks the directories in which Debian has some (crontab(5)).</summary>
    public static IReadOnlyList<string> Directories { get; } = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"];

    /// <summary>The path of <paramref name="name"/> in the first of <paramref name="directories"/> that has it; null if none has.</summary>
    public static string? Find(string name, IEnumerable<string> directories) =>
        directories.Select(directory => Path.Combine(directory, name)).FirstOrDefault(IsProgram);

    /// <summary>The path of a system's program; null if it is not installed.</summary>
    public static string? Find(string name) => Find(name, Directories);

    /// <summary>The program that a person means: a path as it is, or else a name that is looked for in PATH, in its absolute directories alone, and among the system's; null if it is not there.</summary>
    public static string? FindMeant(string nameOrPath)
    {
        if (nameOrPath.Contains('/', StringComparison.Ordinal))
        {
            return IsProgram(nameOrPath) ? Path.GetFullPath(nameOrPath) : null;
        }

        var path = Environment.GetEnvironmentVariable("PATH") ?? "";
        var named = path.Split(':').Where(Path.IsPathRooted);
        return Find(nameOrPath, [.. named, .. Directories]);
    }

    private static bool IsProgram(string path) =>
        NativeFile.Stat(path, out var status) == 0 && status.IsRegularFile && status.IsExecutable;
}
