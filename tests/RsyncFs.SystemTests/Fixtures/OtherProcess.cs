using System.Globalization;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>A process that the test has not started itself: proc_pid_stat(5).</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">The name of its program, up to 15 letters.</param>
/// <param name="Parent">The number of who started it, or has it now.</param>
/// <param name="Started">When it began; a later one of the same number began later.</param>
internal sealed record OtherProcess(int Id, string Name, int Parent, long Started)
{
    /// <summary>True while it is there, and not only waits for its parent to hear of its end.</summary>
    public bool IsThere => Read(Id) is { } now && now.Started == Started;

    /// <summary>The process of that number.</summary>
    public static OtherProcess Of(int id) =>
        Read(id) ?? throw new InvalidOperationException($"there is no process {id}");

    /// <summary>All that a process has started, and what those have.</summary>
    public static IReadOnlyList<OtherProcess> Below(int id)
    {
        var all = Directory
            .EnumerateDirectories("/proc")
            .Select(path =>
                int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var number)
                    ? Read(number)
                    : null
            )
            .OfType<OtherProcess>()
            .ToList();
        List<OtherProcess> found = [.. all.Where(process => process.Parent == id)];
        for (var i = 0; i < found.Count; i++)
        {
            found.AddRange(all.Where(process => process.Parent == found[i].Id));
        }

        return found;
    }

    /// <summary>Sends a signal by its name.</summary>
    public void Signal(string name) =>
        Command.Run("kill", "-s", name, Id.ToString(CultureInfo.InvariantCulture));

    /// <summary>Returns when it has ended.</summary>
    public Task WaitAsync() => Poll.UntilAsync(() => !IsThere);

    private static OtherProcess? Read(int id)
    {
        string text;
        try
        {
            text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
        }
        catch (IOException)
        {
            return null;
        }

        // ID (NAME) STATE PARENT ...; a name may have blanks and brackets.
        const int StateField = 0;
        const int ParentField = 1;
        const int StartField = 19;
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var close = text.LastIndexOf(')');
        var fields = text[(close + 2)..].Split(' ');
        return fields[StateField] is "Z" or "X"
            ? null
            : new OtherProcess(
                id,
                text[(open + 1)..close],
                int.Parse(fields[ParentField], CultureInfo.InvariantCulture),
                long.Parse(fields[StartField], CultureInfo.InvariantCulture)
            );
    }
}
