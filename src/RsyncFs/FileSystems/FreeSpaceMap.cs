using RsyncFs.Blocks;
using RsyncFs.Devices;

namespace RsyncFs.FileSystems;

/// <summary>What a file system calls free. Where there is doubt nothing is free, so that who does not ask is safe.</summary>
public sealed record FreeSpaceMap
{
    private FreeSpaceMap() { }

    /// <summary>The file system: <c>ext2</c>, <c>ext3</c>, <c>ext4</c>, <c>xfs</c>; empty if it is none of them.</summary>
    public required string FileSystem { get; init; }

    /// <summary>Why it can not be told what is free, in words for a person; null if it can. Of a set, what is so of some of its members.</summary>
    public required string? Doubt { get; init; }

    /// <summary>
    /// The free runs in bytes, all inside the device, in ascending order, none empty, no two touching. Of very many
    /// the shortest are left out; what is not in here counts as used.
    /// </summary>
    public required IReadOnlyList<Extent> Extents { get; init; }

    /// <summary>Bytes in all of <see cref="Extents"/>.</summary>
    public long FreeBytes => Extents.Sum(extent => extent.LengthBytes);

    /// <summary>Bytes of metadata read to find it out.</summary>
    public long MetadataBytesRead { get; internal init; }

    internal static FreeSpaceMap Known(string fileSystem, IReadOnlyList<Extent> extents) =>
        new()
        {
            FileSystem = fileSystem,
            Doubt = null,
            Extents = extents,
        };

    internal static FreeSpaceMap Doubted(string fileSystem, string doubt) =>
        new()
        {
            FileSystem = fileSystem,
            Doubt = doubt,
            Extents = [],
        };

    /// <summary>What is free on the members of a set, as it lies in the set.</summary>
    internal static FreeSpaceMap OfSet(DeviceSet set, IReadOnlyList<FreeSpaceMap> maps)
    {
        var doubts = maps.Zip(set.Members)
            .Where(pair => pair.First.Doubt is not null)
            .Select(pair => $"{pair.Second.Name}: {pair.First.Doubt}")
            .ToList();
        var extents = new FreeExtents(set.LengthBytes);
        foreach (var (map, member) in maps.Zip(set.Shape.Members))
        {
            foreach (var free in map.Extents)
            {
                extents.Add(free with { OffsetBytes = member.OffsetBytes + free.OffsetBytes });
            }
        }

        return new FreeSpaceMap
        {
            FileSystem = string.Join(
                ", ",
                maps.Select(map => map.FileSystem).Distinct(StringComparer.Ordinal)
            ),
            Doubt = doubts.Count == 0 ? null : string.Join("; ", doubts),
            Extents = extents.ToList(),
            MetadataBytesRead = maps.Sum(map => map.MetadataBytesRead),
        };
    }
}
