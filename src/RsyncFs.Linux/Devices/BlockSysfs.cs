using System.Globalization;
using RsyncFs.Linux.Native;

namespace RsyncFs.Linux.Devices;

/// <summary>
/// What sysfs tells of a block device, named by its <c>major:minor</c>: Documentation/ABI/stable/sysfs-block,
/// Documentation/block/stat.rst. A file that is not there gives nothing, and never an error.
/// </summary>
internal static class BlockSysfs
{
    // stat.rst counts fields from 1: read I/Os, merges, sectors, ticks; write I/Os, merges, sectors, ticks; three of
    // what is under way; discard I/Os, merges, sectors (since Linux 4.18; before, discards count as writes).
    private const int SectorsReadField = 2;
    private const int SectorsWrittenField = 6;
    private const int SectorsDiscardedField = 13;

    // Documentation/ABI: sysfs-block-dm, sysfs-block-loop, sysfs-block (nvme, scsi, virtio).
    private static readonly string[] StableNames =
    [
        "dm/uuid",
        "loop/backing_file",
        "wwid",
        "device/wwid",
        "serial",
    ];

    // On a disk that is busy all the time the sum may be off: then it is taken for a foreign write, and nothing is lost.
    private const int MaxCountAttempts = 100;

    /// <summary>The kernel's name: <c>sda1</c>.</summary>
    public static string KernelName(string number) => Path.GetFileName(Resolve(number));

    /// <summary>True for a partition.</summary>
    public static bool IsPartition(string number) => File.Exists(Path.Combine(Resolve(number), "partition"));

    /// <summary>The disk that a partition is of; the device itself if it is none.</summary>
    public static string DiskOf(string number)
    {
        if (!IsPartition(number))
        {
            return number;
        }

        var disk = Path.GetDirectoryName(Resolve(number))!;
        return ReadLine(Path.Combine(disk, "dev")) ?? number;
    }

    /// <summary>The partitions of a disk.</summary>
    public static IEnumerable<string> PartitionsOf(string number)
    {
        var disk = Resolve(number);
        foreach (var child in Subdirectories(disk))
        {
            if (
                File.Exists(Path.Combine(child, "partition"))
                && ReadLine(Path.Combine(child, "dev")) is { } partition
            )
            {
                yield return partition;
            }
        }
    }

    /// <summary>What is built on the device: <c>dm-0 (vg-root)</c>, <c>md0</c>.</summary>
    public static IEnumerable<string> HoldersOf(string number)
    {
        foreach (var holder in Subdirectories(Path.Combine(Resolve(number), "holders")))
        {
            var name = Path.GetFileName(holder);
            var mapped = ReadLine($"/sys/block/{name}/dm/name");
            yield return mapped is null ? name : $"{name} ({mapped})";
        }
    }

    /// <summary>The devices that this one is built on, and those that are built on it, one step up and down.</summary>
    public static IEnumerable<string> StackOf(string number)
    {
        foreach (var side in (string[])["slaves", "holders"])
        {
            foreach (var related in Subdirectories(Path.Combine(Resolve(number), side)))
            {
                if (ReadLine(Path.Combine(related, "dev")) is { } other)
                {
                    yield return other;
                }
            }
        }
    }

    /// <summary>True if the file system that <paramref name="path"/> lies on is on the device at <paramref name="node"/>, or on something built on it.</summary>
    public static bool Carries(string node, string path)
    {
        if (NativeFile.Stat(node, out var device) != 0 || NativeFile.Stat(path, out var file) != 0)
        {
            return false;
        }

        var below = new Queue<string>([$"{file.FileSystemMajor}:{file.FileSystemMinor}"]);
        while (below.TryDequeue(out var number))
        {
            if (string.Equals(number, device.NodeNumber, StringComparison.Ordinal))
            {
                return true;
            }

            // A file system without a device (tmpfs, overlay) has a number that no block device has.
            var isDevice = Path.Exists($"/sys/dev/block/{number}");
            foreach (var slave in isDevice ? Subdirectories(Path.Combine(Resolve(number), "slaves")) : [])
            {
                if (ReadLine(Path.Combine(slave, "dev")) is { } other)
                {
                    below.Enqueue(other);
                }
            }
        }

        return false;
    }

    /// <summary>The node of the mapped device of that uuid; null if there is none. By uuid, because names can be anything.</summary>
    public static string? NodeOfMapped(string uuid) =>
        FindMapped(uuid) is { } block ? $"/dev/{Path.GetFileName(block)}" : null;

    /// <summary>True if the mapped device of that uuid is there, and suspended now.</summary>
    public static bool IsSuspendedMapped(string uuid) => FindMapped(uuid) is { } block && IsSuspended(block);

    /// <summary>The names of the mapped devices that are suspended now.</summary>
    public static IEnumerable<string> SuspendedMapped() =>
        Subdirectories("/sys/block")
            .Where(IsSuspended)
            .Select(block => ReadLine(Path.Combine(block, "dm/name")))
            .OfType<string>();

    /// <summary>Names and uuids of the mapped devices whose uuid begins so.</summary>
    public static IEnumerable<(string Name, string Uuid)> MappedOf(string uuidPrefix)
    {
        foreach (var block in Subdirectories("/sys/block"))
        {
            if (
                ReadLine(Path.Combine(block, "dm/name")) is { } name
                && ReadLine(Path.Combine(block, "dm/uuid")) is { } uuid
                && uuid.StartsWith(uuidPrefix, StringComparison.Ordinal)
            )
            {
                yield return (name, uuid);
            }
        }
    }

    private static string? FindMapped(string uuid) =>
        Array.Find(
            Subdirectories("/sys/block"),
            block => string.Equals(ReadLine(Path.Combine(block, "dm/uuid")), uuid, StringComparison.Ordinal)
        );

    private static bool IsSuspended(string block) =>
        string.Equals(ReadLine(Path.Combine(block, "dm/suspended")), "1", StringComparison.Ordinal);

    /// <summary>True for a device of the device-mapper.</summary>
    public static bool IsMapped(string number) => File.Exists(Path.Combine(Resolve(number), "dm/name"));

    /// <summary>The loop devices that have a backing file: name and path of the file as the kernel knows it.</summary>
    public static IEnumerable<(string Device, string Number, string BackingFile)> Loops()
    {
        foreach (var block in Subdirectories("/sys/block"))
        {
            if (
                ReadLine(Path.Combine(block, "loop/backing_file")) is { } file
                && ReadLine(Path.Combine(block, "dev")) is { } number
            )
            {
                yield return ($"/dev/{Path.GetFileName(block)}", number, file);
            }
        }
    }

    /// <summary>
    /// 512-byte sectors written or discarded since the device appeared that may have hit it, by anybody and by whichever
    /// descriptor, where the kernel counts (<see cref="IsSaidToBeCounted"/>); null where it does not tell. For a
    /// partition: what was written to it, and what was written through the disk past all partitions, which the kernel
    /// adds to the disk's counter only (include/linux/part_stat.h, part_stat_add). Its siblings are free to be used.
    /// </summary>
    public static long? SectorsWrittenTo(string number)
    {
        if (!IsPartition(number))
        {
            return SectorsWritten(number);
        }

        var disk = DiskOf(number);
        for (var attempt = 1; ; attempt++)
        {
            // The counters are read one after the other; they belong together if the disk's stood still meanwhile.
            var before = SectorsWritten(disk);
            var ofPartitions = PartitionsOf(disk).Sum(partition => SectorsWritten(partition) ?? 0);
            var own = SectorsWritten(number);
            if (SectorsWritten(disk) == before || attempt == MaxCountAttempts)
            {
                return own + (before - ofPartitions);
            }
        }
    }

    /// <summary>
    /// True if the device says that its requests are counted. A device-mapper device of a kernel before Linux 6.6 says
    /// that they are not, and they are: what it counts are its bios, and the switch was for requests only.
    /// </summary>
    public static bool IsSaidToBeCounted(string number) =>
        string.Equals(ReadLine(CountingSwitchOf(number)), "1", StringComparison.Ordinal);

    /// <summary>The file by which a person has the requests of the device, or of its disk, counted.</summary>
    public static string CountingSwitchOf(string number) =>
        Path.Combine(Resolve(IsPartition(number) ? DiskOf(number) : number), "queue/iostats");

    /// <summary>512-byte sectors read since the device appeared, where the kernel counts; null where it does not tell.</summary>
    public static long? SectorsRead(string number) => Count(Fields(number), SectorsReadField);

    /// <summary>The same of the device at <paramref name="node"/>, such as <c>/dev/dm-0</c>; 0 where nothing counts.</summary>
    public static long SectorsReadOf(string node) =>
        ReadLine(Path.Combine("/sys/block", Path.GetFileName(node), "dev")) is { } number
            ? SectorsRead(number) ?? 0
            : 0;

    // In one reading: a discard changes what a device holds as a write does, and the kernel counts it apart.
    private static long? SectorsWritten(string number)
    {
        var fields = Fields(number);
        return Count(fields, SectorsWrittenField) is { } written
            ? written + (Count(fields, SectorsDiscardedField) ?? 0)
            : null;
    }

    private static string[] Fields(string number) =>
        ReadLine(Path.Combine(Resolve(number), "stat"))?.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        ?? [];

    private static long? Count(string[] fields, int field) =>
        fields.Length > field && long.TryParse(fields[field], CultureInfo.InvariantCulture, out var sectors)
            ? sectors
            : null;

    /// <summary>
    /// What names the device itself: the uuid of a mapped volume, the file behind a loop device, a disk's world-wide
    /// id or serial number, a partition's place on such a disk. Empty if there is nothing of the kind.
    /// </summary>
    public static string StableIdOf(string number)
    {
        var directory = Resolve(number);
        if (IsPartition(number))
        {
            var disk = StableIdOf(DiskOf(number));
            // Not by its size: one that has grown is the same, and is told to be of another size.
            return disk.Length == 0 ? "" : $"{disk} from sector {ReadLine(Path.Combine(directory, "start"))}";
        }

        foreach (var name in StableNames)
        {
            if (ReadLine(Path.Combine(directory, name)) is { Length: > 0 } value)
            {
                return $"{name}:{value}";
            }
        }

        return "";
    }

    /// <summary>
    /// The part of a udev rule that matches the device and no other, wherever it is attached: by what names it, or by
    /// its kernel name where nothing does. True behind it for a device-mapper device.
    /// </summary>
    public static (string Match, bool IsMapped) UdevMatchOf(string number)
    {
        var isPartition = IsPartition(number);
        var disk = Resolve(isPartition ? DiskOf(number) : number);
        var key = isPartition ? "ATTRS" : "ATTR";
        var name = StableNames.FirstOrDefault(name => ReadLine(Path.Combine(disk, name)) is { Length: > 0 });
        var match = name is null
            ? $"KERNEL==\"{KernelName(number)}\""
            : $"{key}{{{name}}}==\"{ReadLine(Path.Combine(disk, name))}\"";
        if (isPartition && name is not null)
        {
            var own = Resolve(number);
            match =
                $"ATTR{{start}}==\"{ReadLine(Path.Combine(own, "start"))}\", ATTR{{size}}==\"{ReadLine(Path.Combine(own, "size"))}\", {match}";
        }

        return (match, name is "dm/uuid");
    }

    /// <summary>The first line of a small file, or null.</summary>
    public static string? ReadLine(string path)
    {
        try
        {
            return File.ReadAllText(path).Split('\n')[0].Trim();
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Partitions lie below their disk only in the real tree, not below the links of /sys/dev/block.
    private static string Resolve(string number)
    {
        var link = $"/sys/dev/block/{number}";
        return Directory.ResolveLinkTarget(link, returnFinalTarget: true)?.FullName ?? link;
    }

    private static string[] Subdirectories(string path)
    {
        try
        {
            return Directory.GetDirectories(path);
        }
        catch (IOException)
        {
            return [];
        }
        catch (UnauthorizedAccessException)
        {
            return [];
        }
    }
}
