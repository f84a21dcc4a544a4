using System.Security.Cryptography;
using System.Text;
using RsyncFs.Linux.State;

namespace RsyncFs.Cli.Engine;

/// <summary>Where things lie in a state directory.</summary>
internal static class StateLayout
{
    private const int KeyBytes = 16;

    /// <summary>Where the states of served targets are.</summary>
    public const string TargetFolder = "targets";

    /// <summary>Where the states of local destinations are.</summary>
    public const string LocalFolder = "local";

    /// <summary>Where the states of sources are.</summary>
    public const string SourceFolder = "sources";

    /// <summary>What a sender remembers of the source at <paramref name="path"/>.</summary>
    public static string OfSource(string stateDirectory, string path) =>
        Path.Combine(stateDirectory, SourceFolder, KeyOf(path));

    /// <summary>The directories of all sources, in the order of their names; none where nothing is.</summary>
    /// <exception cref="Errors.StateException">The directory can not be listed.</exception>
    public static IEnumerable<string> Sources(string stateDirectory)
    {
        var all = Path.Combine(stateDirectory, SourceFolder);
        return Directory.Exists(all)
            ? LinuxDurableDirectory.OpenRoot(all).List().Select(name => Path.Combine(all, name))
            : [];
    }

    /// <summary>What a receiver knows of the target called <paramref name="name"/>.</summary>
    public static string OfTarget(string stateDirectory, string name) =>
        Path.Combine(stateDirectory, TargetFolder, name);

    /// <summary>What is known of a local destination at <paramref name="path"/>.</summary>
    public static string OfLocalTarget(string stateDirectory, string path) =>
        Path.Combine(stateDirectory, LocalFolder, KeyOf(path));

    /// <summary>True if <paramref name="directory"/> is one of <see cref="OfLocalTarget"/>.</summary>
    public static bool IsOfLocalTarget(string directory) =>
        Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(directory))) is LocalFolder;

    // A path as a file name: it may hold anything, so its hash stands for it. Links are not followed: the name that
    // people use (/dev/vg0/db01) stays, and what it leads to (/dev/dm-7) does not.
    private static string KeyOf(string path) =>
        Convert.ToHexStringLower(
            SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(path))).AsSpan(0, KeyBytes)
        );
}
