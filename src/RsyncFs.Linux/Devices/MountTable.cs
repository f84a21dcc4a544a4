using System.Globalization;
using System.Text;

namespace RsyncFs.Linux.Devices;

/// <summary>The mounts that this process sees: <c>/proc/self/mountinfo</c>, proc_pid_mountinfo(5).</summary>
internal static class MountTable
{
    /// <summary>Where the device of this <c>major:minor</c> is mounted, or null.</summary>
    public static string? MountPointOf(string number) =>
        MountPointOf(number, File.ReadLines("/proc/self/mountinfo"), NumberOfNode);

    /// <summary>
    /// The same over given lines. The third field is the file system's device; a file system of several devices
    /// (btrfs) has a made-up number there, so the source behind the hyphen is looked at, too.
    /// </summary>
    public static string? MountPointOf(
        string number,
        IEnumerable<string> lines,
        Func<string, string?> numberOfNode
    )
    {
        foreach (var line in lines)
        {
            var fields = line.Split(' ');
            var hyphen = Array.IndexOf(fields, "-");
            if (fields.Length < 5 || hyphen < 0 || fields.Length < hyphen + 3)
            {
                continue;
            }

            var source = Unescape(fields[hyphen + 2]);
            if (
                string.Equals(fields[2], number, StringComparison.Ordinal)
                || (
                    source.StartsWith('/')
                    && string.Equals(numberOfNode(source), number, StringComparison.Ordinal)
                )
            )
            {
                return Unescape(fields[4]);
            }
        }

        return null;
    }

    /// <summary>Undoes the kernel's octal for space, tab, line feed and backslash: <c>\040</c>.</summary>
    public static string Unescape(string field)
    {
        var text = new StringBuilder(field.Length);
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] == '\\' && i + 3 < field.Length && IsOctal(field.AsSpan(i + 1, 3)))
            {
                text.Append((char)Convert.ToInt32(field.Substring(i + 1, 3), fromBase: 8));
                i += 3;
            }
            else
            {
                text.Append(field[i]);
            }
        }

        return text.ToString();
    }

    private static bool IsOctal(ReadOnlySpan<char> digits) => !digits.ContainsAnyExceptInRange('0', '7');

    private static string? NumberOfNode(string path) =>
        Native.NativeFile.Stat(path, out var status) == 0 && status.IsBlockDevice
            ? status.NodeNumber.ToString(CultureInfo.InvariantCulture)
            : null;
}
