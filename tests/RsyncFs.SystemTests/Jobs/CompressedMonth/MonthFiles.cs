using System.Text.RegularExpressions;

namespace RsyncFs.SystemTests.Jobs.CompressedMonth;

/// <summary>Tells files that belong where they are from those that do not (docs/FORMATS.md, section 1), while nothing is at work.</summary>
internal sealed partial class MonthFiles
{
    private readonly List<string> _strays = [];

    /// <summary>Files of state that belong there.</summary>
    public int Count { get; private set; }

    /// <summary>What they take.</summary>
    public long Bytes { get; private set; }

    /// <summary>Paths of those that do not.</summary>
    public IReadOnlyList<string> Strays => _strays;

    /// <summary>Adds what is in a state directory.</summary>
    public void AddState(string directory)
    {
        foreach (var path in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
        {
            if (Expected().IsMatch(Path.GetRelativePath(directory, path)))
            {
                Count++;
                Bytes += new FileInfo(path).Length;
            }
            else
            {
                _strays.Add(path);
            }
        }
    }

    /// <summary>Adds what is in a directory of images, and must be so many.</summary>
    public void AddImages(string directory, int count)
    {
        var images = Directory.GetFileSystemEntries(directory);
        if (images.Length != count)
        {
            _strays.AddRange(images);
        }
    }

    /// <summary>Adds what is in the directory of temporary files. The runtime's debugger has its sockets there; those of a process that was killed stay.</summary>
    public void AddTemporary(string directory) =>
        _strays.AddRange(
            Directory
                .EnumerateFileSystemEntries(directory)
                .Where(path => !OfRuntime().IsMatch(Path.GetFileName(path)))
        );

    [GeneratedRegex(
        "^(((loop|control)[.]sock([.]lock)?)|paused"
            + "|sources/[0-9a-f]{32}/(source|unions|device|lock|map-[0-9a-f]{32})"
            + "|targets/job[0-9]{2}/(state|map|device|lock))$",
        RegexOptions.ExplicitCapture,
        10_000
    )]
    private static partial Regex Expected();

    [GeneratedRegex("^(dotnet-diagnostic-|clr-debug-pipe-)", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex OfRuntime();
}
