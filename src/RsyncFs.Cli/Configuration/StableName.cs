using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Configuration;

/// <summary>Names of devices that mean the same device tomorrow.</summary>
internal static class StableName
{
    private const string ById = "/dev/disk/by-id";

    // What the kernel numbers in the order in which it finds them.
    private static readonly string[] Numbered =
    [
        "/dev/sd",
        "/dev/dm-",
        "/dev/nvme",
        "/dev/vd",
        "/dev/xvd",
        "/dev/md",
    ];

    /// <summary>The path, if it is absolute and not one that the kernel hands out anew at each start.</summary>
    /// <exception cref="Errors.RsyncFsException">It is not.</exception>
    public static string Require(string path)
    {
        foreach (var one in path.Split(','))
        {
            if (!Path.IsPathRooted(one))
            {
                throw UsageError.Of(
                    $"'{one}' is not an absolute path",
                    "as in /dev/vg0/db01, or of a group /dev/vg0/db01,/dev/vg0/log01"
                );
            }

            if (Array.Exists(Numbered, prefix => one.StartsWith(prefix, StringComparison.Ordinal)))
            {
                throw UsageError.Of(
                    $"{one} may be another device after the next start",
                    StableNameOf(one) is { } name
                        ? $"the same device has a name that stays: {name}"
                        : $"name it by {ById}, or by its volume: /dev/VG/LV"
                );
            }
        }

        return path;
    }

    private static string? StableNameOf(string device)
    {
        try
        {
            return Directory
                .EnumerateFileSystemEntries(ById)
                .Order(StringComparer.Ordinal)
                .FirstOrDefault(link =>
                    string.Equals(
                        File.ResolveLinkTarget(link, returnFinalTarget: true)?.FullName,
                        device,
                        StringComparison.Ordinal
                    )
                );
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
