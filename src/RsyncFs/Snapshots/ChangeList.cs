using System.Globalization;
using RsyncFs.Blocks;
using RsyncFs.Errors;

namespace RsyncFs.Snapshots;

/// <summary>Where a source may have changed since a generation, as a tracker says that this program does not know.</summary>
/// <param name="Name">What a person calls the list.</param>
/// <param name="Generation">The generation that it starts from.</param>
/// <param name="Extents">As they came: in any order, overlapping or not.</param>
public sealed record ChangeList(string Name, Guid Generation, IReadOnlyList<Extent> Extents)
{
    private const string GenerationWord = "generation";

    /// <summary>Reads the text form: <c>generation ID</c> first, then a line <c>OFFSET LENGTH</c> in bytes for each extent. Empty lines and what follows a <c>#</c> do not count.</summary>
    /// <param name="name">What a person calls the list.</param>
    /// <param name="text">The lines.</param>
    /// <exception cref="RefusedException">A line is none of these (<see cref="ErrorId.Usage"/>). Nothing was done.</exception>
    public static ChangeList Read(string name, TextReader text)
    {
        Guid? generation = null;
        var extents = new List<Extent>();
        for (var number = 1; text.ReadLine() is { } line; number++)
        {
            var words = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            switch (words)
            {
                case []:
                    break;
                case [GenerationWord, var id] when generation is null && Guid.TryParse(id, out var parsed):
                    generation = parsed;
                    break;
                case [var offset, var length]
                    when generation is not null && ExtentOf(offset, length) is { } extent:
                    extents.Add(extent);
                    break;
                default:
                    throw Unreadable($"{name}:{number}", generation is null);
            }
        }

        return new ChangeList(name, generation ?? throw Unreadable(name, isWithoutGeneration: true), extents);
    }

    /// <summary>What the list says of a device of <paramref name="lengthBytes"/>; null with the reason if it says nothing of use.</summary>
    /// <param name="target">The generation that the target is at.</param>
    /// <param name="lengthBytes">Bytes of the source.</param>
    /// <param name="obstacle">The reason.</param>
    internal SnapshotChanges? Since(Guid target, long lengthBytes, out string obstacle)
    {
        obstacle =
            Generation != target
                ? $"the change list starts from generation {Generation:N}, and the target is at {target:N}"
            : Extents.Any(extent => extent.LengthBytes > lengthBytes - extent.OffsetBytes)
                ? "the change list names bytes behind the end of the source"
            : "";
        return obstacle.Length == 0
            ? new SnapshotChanges(Extents, $"the change list {Name}", MetadataBytesRead: 0)
            : null;
    }

    private static Extent? ExtentOf(string offset, string length) =>
        long.TryParse(offset, NumberStyles.None, CultureInfo.InvariantCulture, out var from)
        && long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
        && bytes > 0
        && bytes <= long.MaxValue - from
            ? new Extent(from, bytes)
            : null;

    private static RefusedException Unreadable(string where, bool isWithoutGeneration) =>
        new(ErrorId.Usage, "the change list can not be understood")
        {
            Where = where,
            Cause = isWithoutGeneration
                ? "it does not begin with the generation that it starts from"
                : "it is neither OFFSET LENGTH in bytes nor a comment",
            Hint =
                "the first line: 'generation ID', all 32 digits, as 'sync -v' or 'target show' prints it; each other line: 'OFFSET LENGTH'",
        };
}
