using RsyncFs.SystemTests.Fixtures;

namespace RsyncFs.SystemTests.Systemd;

/// <summary>The system calls that a unit allows: systemd.exec(5), SystemCallFilter.</summary>
internal static class AllowedCalls
{
    private const string Setting = "SystemCallFilter=";

    // Always allowed.
    private const string Default = "@default";

    /// <summary>Their names, the groups as the systemd of this machine knows them.</summary>
    /// <param name="unitPath">A file whose first line of the filter says what is allowed.</param>
    public static IReadOnlyCollection<string> Of(string unitPath)
    {
        var groups = Groups();
        var allowed = Expand(groups, Default).ToHashSet(StringComparer.Ordinal);
        foreach (
            var line in File.ReadLines(unitPath)
                .Where(line => line.StartsWith(Setting, StringComparison.Ordinal))
        )
        {
            var words = line[Setting.Length..]
                .TrimStart('~')
                .Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var calls = words.SelectMany(word => Expand(groups, word));
            if (line[Setting.Length] == '~')
            {
                allowed.ExceptWith(calls);
            }
            else
            {
                allowed.UnionWith(calls);
            }
        }

        return allowed;
    }

    /// <summary>A group begins with its name at the begin of a line; what it has stands below, indented.</summary>
    private static Dictionary<string, List<string>> Groups()
    {
        var groups = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        List<string>? members = null;
        foreach (var line in Command.Run("systemd-analyze", "--no-pager", "syscall-filter").Split('\n'))
        {
            var word = line.Trim();
            if (line.StartsWith('@'))
            {
                members = groups[word] = [];
            }
            else if (word.Length > 0 && word[0] != '#')
            {
                members?.Add(word);
            }
        }

        return groups;
    }

    private static IEnumerable<string> Expand(Dictionary<string, List<string>> groups, string word) =>
        word.StartsWith('@') ? groups[word].SelectMany(member => Expand(groups, member)) : [word];
}
