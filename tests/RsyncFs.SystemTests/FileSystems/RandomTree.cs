using System.Text;

namespace RsyncFs.SystemTests.FileSystems;

/// <summary>A tree of files that a seed decides: names, sizes, holes, contents, and which are removed again.</summary>
internal static class RandomTree
{
    private const int FileCount = 400;
    private const int DirectoryCount = 12;

    /// <summary>Makes one below a directory, and removes about half of the files, so that what is free is in pieces.</summary>
    public static void Fill(string directory, int seed)
    {
        var chance = new Random(seed);
        var directories = new List<string> { directory };
        var files = new List<string>();
        for (var i = 0; i < FileCount; i++)
        {
            if (directories.Count < DirectoryCount && chance.Next(20) == 0)
            {
                directories.Add(
                    Directory
                        .CreateDirectory(Path.Combine(directories[chance.Next(directories.Count)], $"d{i}"))
                        .FullName
                );
            }

            var path = Path.Combine(directories[chance.Next(directories.Count)], $"f{i}");
            using var file = File.Create(path);
            var content = new byte[chance.Next(1 << chance.Next(6, 19))];
            chance.NextBytes(content);
            if (chance.Next(10) == 0)
            {
                file.Seek(chance.Next(1 << 22), SeekOrigin.Begin);
            }

            file.Write(content);
            file.Flush(flushToDisk: chance.Next(8) == 0);
            files.Add(path);
        }

        foreach (var path in files.Where(_ => chance.Next(2) == 0))
        {
            File.Delete(path);
        }
    }

    /// <summary>The tree below a directory in the words of mkfs.xfs(8), -p.</summary>
    public static string Prototype(string directory)
    {
        var text = new StringBuilder("/none\n0 0\nd--755 0 0\n");
        Describe(text, directory);
        return text.Append("$\n").ToString();
    }

    private static void Describe(StringBuilder text, string directory)
    {
        foreach (var entry in Directory.EnumerateFileSystemEntries(directory).Order(StringComparer.Ordinal))
        {
            if (File.Exists(entry))
            {
                text.Append($"{Path.GetFileName(entry)} ---644 0 0 {entry}\n");
                continue;
            }

            text.Append($"{Path.GetFileName(entry)} d--755 0 0\n");
            Describe(text, entry);
            text.Append("$\n");
        }
    }
}
