using System.Globalization;

namespace RsyncFs.Linux.Devices;

/// <summary>
/// Mounts that this process does not see: a container, or a service with a mount namespace of its own, may hold a
/// file system long after everybody else has unmounted it, mount_namespaces(7).
/// </summary>
internal static class OtherNamespaces
{
    private const string OwnNamespace = "/proc/self/ns/mnt";

    /// <summary>One process that has the device of this <c>major:minor</c> mounted where we do not see it, or null.</summary>
    public static (string MountPoint, int ProcessId, string ProcessName)? MountOf(string number)
    {
        var looked = new HashSet<string?>(StringComparer.Ordinal) { NamespaceOf(OwnNamespace) };
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            var isProcess = int.TryParse(
                Path.GetFileName(directory),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var processId
            );
            if (isProcess && looked.Add(NamespaceOf($"{directory}/ns/mnt")))
            {
                if (Look(directory, number) is { } found)
                {
                    return (found.MountPoint, processId, found.ProcessName);
                }
            }
        }

        return null;
    }

    private static (string MountPoint, string ProcessName)? Look(string directory, string number)
    {
        try
        {
            var mountPoint = MountTable.MountPointOf(
                number,
                File.ReadLines($"{directory}/mountinfo"),
                _ => null
            );
            return mountPoint is null ? null : (mountPoint, File.ReadAllText($"{directory}/comm").Trim());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The process is gone, or not ours to look at.
            return null;
        }
    }

    private static string? NamespaceOf(string link)
    {
        try
        {
            return new FileInfo(link).LinkTarget;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
