namespace RsyncFs.Linux.Devices;

/// <summary>
/// How a group of devices is written: their absolute paths with a comma between them, <c>/dev/vg0/data,/dev/vg0/log</c>.
/// </summary>
public static class DevicePaths
{
    private const string Separator = ",/";

    /// <summary>The paths of the devices that <paramref name="path"/> names, in their order; itself if it is one.</summary>
    public static IReadOnlyList<string> Split(string path)
    {
        if (!IsGroup(path))
        {
            return [path];
        }

        var parts = path.Split(Separator);
        return [parts[0], .. parts.Skip(1).Select(part => "/" + part)];
    }

    private static bool IsGroup(string path) =>
        path.StartsWith('/') && path.Contains(Separator, StringComparison.Ordinal);
}
