using System.IO.Hashing;

namespace RsyncFs.Fuzz;

/// <summary>The inputs of one target that are kept in files: each came, once, where none before it had been.</summary>
internal static class Corpus
{
    /// <summary>The folder of the corpus in the source tree that this program was built of.</summary>
    public static string Root
    {
        get
        {
            for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            {
                if (File.Exists(Path.Combine(at.FullName, "RsyncFs.sln")))
                {
                    return Path.Combine(at.FullName, "tests", "RsyncFs.Fuzz", "corpus");
                }
            }

            throw new InvalidOperationException($"{AppContext.BaseDirectory} lies in no tree of rsyncfs");
        }
    }

    /// <summary>The inputs of <paramref name="target"/>, in the same order on every machine.</summary>
    public static IEnumerable<byte[]> Load(FuzzTarget target)
    {
        var folder = Path.Combine(Root, target.Name);
        return Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)
            : [];
    }

    /// <summary>Makes <paramref name="inputs"/> all that is kept for <paramref name="target"/>.</summary>
    public static void Save(FuzzTarget target, IEnumerable<byte[]> inputs)
    {
        var folder = Path.Combine(Root, target.Name);
        var old = Directory.Exists(folder) ? Directory.GetFiles(folder) : [];
        var kept = inputs.Select(input => SaveIn(folder, input)).ToHashSet(StringComparer.Ordinal);
        foreach (var path in old.Where(path => !kept.Contains(path)))
        {
            File.Delete(path);
        }
    }

    /// <summary>Writes <paramref name="input"/> into <paramref name="folder"/>, under a name made of its content; gives its path.</summary>
    public static string SaveIn(string folder, byte[] input)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, XxHash64.HashToUInt64(input).ToString("x16"));
        File.WriteAllBytes(path, input);
        return path;
    }
}
