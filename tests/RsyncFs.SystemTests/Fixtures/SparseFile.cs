using System.Globalization;
using System.Runtime.InteropServices;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>Compares files that are nearly all hole, of which cmp(1) would read every byte.</summary>
internal static partial class SparseFile
{
    // <linux/fs.h>
    private const int SeekData = 3;
    private const int SeekHole = 4;

    /// <summary>Fails unless both have one length, and cmp finds the same bytes wherever either has data.</summary>
    public static void AssertSame(string source, string target)
    {
        if (new FileInfo(source).Length != new FileInfo(target).Length)
        {
            throw new InvalidOperationException($"{source} and {target} differ in length");
        }

        foreach (var (offset, length) in DataOf(source).Concat(DataOf(target)))
        {
            Command.Run(
                "cmp",
                string.Create(CultureInfo.InvariantCulture, $"--ignore-initial={offset}"),
                string.Create(CultureInfo.InvariantCulture, $"--bytes={length}"),
                source,
                target
            );
        }
    }

    /// <summary>The ranges that are not holes.</summary>
    public static IReadOnlyList<(long OffsetBytes, long LengthBytes)> DataOf(string path)
    {
        using var file = DeviceBytes.OpenToRead(path);
        var descriptor = (int)file.DangerousGetHandle();
        var ranges = new List<(long, long)>();
        for (var data = Seek(descriptor, 0, SeekData); data >= 0; )
        {
            var hole = Seek(descriptor, data, SeekHole);
            ranges.Add((data, hole - data));
            data = Seek(descriptor, hole, SeekData);
        }

        return ranges;
    }

    [LibraryImport("libc", EntryPoint = "lseek")]
    private static partial long Seek(int descriptor, long offset, int whence);
}
