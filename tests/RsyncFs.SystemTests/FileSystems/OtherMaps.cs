using System.Globalization;
using System.Text.RegularExpressions;
using RsyncFs.Blocks;
using RsyncFs.SystemTests.Fixtures;

namespace RsyncFs.SystemTests.FileSystems;

/// <summary>What other programs call free, in bytes, in ascending order.</summary>
internal static partial class OtherMaps
{
    /// <summary>partclone's map. It takes all kinds but ext4 with clusters.</summary>
    public static IReadOnlyList<Extent> Partclone(string program, string image)
    {
        var map = image + ".map";
        File.Delete(map);
        Command.Run(program, "-D", "-s", image, "-o", map, "-L", image + ".log");

        // "pos size status" in hex, + is used and ? is free; two lines of head have no third word, or a comment.
        return
        [
            .. File.ReadLines(map)
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(words => words is [['0', 'x', ..], ['0', 'x', ..], "?"])
                .Select(words => new Extent(Convert.ToInt64(words[0], 16), Convert.ToInt64(words[1], 16))),
        ];
    }

    /// <summary>
    /// The free blocks that dumpe2fs(8) names, group by group; behind the first line, which is their sum. Of the last
    /// cluster of a run it names the first block only.
    /// </summary>
    public static IReadOnlyList<Extent> Dumpe2fs(string image)
    {
        var text = Command.Run("dumpe2fs", image);
        var blockBytes = Number(BlockSize().Match(text).Groups[1].Value);
        var clusterBytes = ClusterSize().Match(text) is { Success: true } match
            ? Number(match.Groups[1].Value)
            : blockBytes;
        var endBytes = Number(BlockCount().Match(text).Groups[1].Value) * blockBytes;
        return Merged(
            FreeBlocks()
                .Matches(text)
                .Skip(1)
                .SelectMany(line => line.Groups[1].Value.Split(", ", StringSplitOptions.RemoveEmptyEntries))
                .Select(range => range.Split('-').Select(Number).ToArray())
                .Select(range =>
                    (
                        Start: range[0] * blockBytes,
                        End: Math.Min((range[^1] * blockBytes) + clusterBytes, endBytes)
                    )
                )
                .Select(range => new Extent(range.Start, range.End - range.Start))
        );
    }

    /// <summary>The free blocks that xfs_db(8) names; those of the free lists (AGFL) are among them.</summary>
    public static IReadOnlyList<Extent> XfsDb(string image)
    {
        var (blockBytes, groupBlocks) = (XfsField(image, "blocksize"), XfsField(image, "agblocks"));
        return Merged(
            Command
                .Run("xfs_db", "-r", "-c", "freesp -d", image)
                .Split('\n')
                .Skip(1)
                .TakeWhile(line => !line.Contains("from", StringComparison.Ordinal))
                .Select(line =>
                    line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Number).ToArray()
                )
                .Select(run => new Extent(
                    ((run[0] * groupBlocks) + run[1]) * blockBytes,
                    run[2] * blockBytes
                ))
        );
    }

    /// <summary>Bytes on all free lists (AGFL).</summary>
    public static long XfsFreeListBytes(string image) =>
        Enumerable
            .Range(0, (int)XfsField(image, "agcount"))
            .Sum(group =>
                Number(
                    Command.Run("xfs_db", "-r", "-c", $"agf {group}", "-c", "p flcount", image).Split('=')[1]
                )
            ) * XfsField(image, "blocksize");

    /// <summary>Bytes that all runs have.</summary>
    public static long Sum(IEnumerable<Extent> runs) => runs.Sum(run => run.LengthBytes);

    /// <summary>Bytes that are in both.</summary>
    public static long Common(IReadOnlyList<Extent> first, IReadOnlyList<Extent> second)
    {
        var (sum, a, b) = (0L, 0, 0);
        while (a < first.Count && b < second.Count)
        {
            sum += first[a].Intersect(second[b]).LengthBytes;
            (a, b) = first[a].EndBytes < second[b].EndBytes ? (a + 1, b) : (a, b + 1);
        }

        return sum;
    }

    private static List<Extent> Merged(IEnumerable<Extent> runs)
    {
        var merged = new List<Extent>();
        foreach (var run in runs.OrderBy(run => run.OffsetBytes))
        {
            if (merged.Count > 0 && merged[^1].EndBytes >= run.OffsetBytes)
            {
                merged[^1] = new Extent(merged[^1].OffsetBytes, run.EndBytes - merged[^1].OffsetBytes);
            }
            else
            {
                merged.Add(run);
            }
        }

        return merged;
    }

    private static long XfsField(string image, string name) =>
        Number(Command.Run("xfs_db", "-r", "-c", "sb 0", "-c", $"p {name}", image).Split('=')[1]);

    private static long Number(string text) => long.Parse(text.Trim(), CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^Block size: +(\d+)", RegexOptions.Multiline, 10_000)]
    private static partial Regex BlockSize();

    [GeneratedRegex(@"^Cluster size: +(\d+)", RegexOptions.Multiline, 10_000)]
    private static partial Regex ClusterSize();

    [GeneratedRegex(@"^Block count: +(\d+)", RegexOptions.Multiline, 10_000)]
    private static partial Regex BlockCount();

    [GeneratedRegex(@"^ *Free blocks: *([^\n]*)", RegexOptions.Multiline, 10_000)]
    private static partial Regex FreeBlocks();
}
