using System.Globalization;
using System.Xml;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Linux.Devices;
using RsyncFs.Linux.State;
using RsyncFs.Snapshots;

namespace RsyncFs.Linux.Lvm;

/// <summary>A thin pool: how full it is, and what its metadata says of the difference between two of its volumes.</summary>
/// <remarks>
/// The difference is <c>thin_delta</c>'s, on a frozen copy of the metadata (reserve_metadata_snap). There is one such copy
/// a pool, whoever asks for it, and it stays when its maker dies: so there is a lock, and a note that it is ours.
/// </remarks>
internal sealed class ThinPool(LogicalVolume pool)
{
    // Beyond, a pool may be full before the cycle ends, and then the volumes in it stand still or fail.
    private const double MaxDataPercent = 95;
    private const double MaxMetadataPercent = 90;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // In the status line of a thin-pool target: transaction, metadata, data, held root, mode.
    private const int HeldRootField = 6;

    /// <summary>The program that says where two volumes of a pool differ.</summary>
    public const string DeltaTool = "thin_delta";

    private const string Release = "release_metadata_snap";

    private readonly string _mapped = pool.MappedUuid("-tpool");

    /// <summary>Group and name.</summary>
    public string Name => pool.FullName;

    /// <summary>The command that releases the metadata snapshot, whoever holds it.</summary>
    public string ReleaseCommand => $"dmsetup message -u {_mapped} 0 {Release}";

    // The lock, and in it the note that the snapshot that is held is ours. Gone after a restart of the machine, as is
    // the process that held it; the snapshot is not.
    private string LockName => $"pool-{pool.Uuid}";

    private string Place => Path.Combine(MachineLock.Place, LockName);

    private string Note => Path.Combine(Place, "held");

    /// <summary>The node of the pool itself, for tables of the device-mapper.</summary>
    /// <exception cref="DeviceException">It is not active.</exception>
    public string Node =>
        BlockSysfs.NodeOfMapped(_mapped)
        ?? throw new DeviceException(ErrorId.SnapshotCreate, "the thin pool is not active")
        {
            Where = pool.FullName,
        };

    /// <summary>Takes a snapshot that LVM does not know. The writers of the volume must be held.</summary>
    /// <param name="number">The number of the snapshot in the pool, which no other has.</param>
    /// <param name="originId">The thin id of the volume.</param>
    /// <exception cref="DeviceException">The pool refuses; another has that number, for instance.</exception>
    public void CreateSnapshot(int number, string originId) =>
        Message(string.Create(CultureInfo.InvariantCulture, $"create_snap {number} {originId}"));

    /// <summary>The command by which a person removes a volume of the pool that LVM does not know.</summary>
    public string DeleteCommand(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"dmsetup message -u {_mapped} 0 delete {number}");

    /// <summary>True if dmsetup says that the pool has no volume of a number: ENODATA.</summary>
    public static bool SaysThereIsNone(string error) =>
        error.Contains("No data available", StringComparison.Ordinal);

    /// <summary>Removes what <see cref="CreateSnapshot"/> made, if it is there.</summary>
    /// <exception cref="DeviceException">It is in use, or the pool refuses.</exception>
    public void Delete(int number)
    {
        var (exitCode, _, error) = LvmTool.Start(
            ErrorId.SnapshotCreate,
            "dmsetup",
            "message",
            "-u",
            _mapped,
            "0",
            string.Create(CultureInfo.InvariantCulture, $"delete {number}")
        );
        if (exitCode != 0 && !SaysThereIsNone(error))
        {
            throw new DeviceException(ErrorId.SnapshotCreate, "a snapshot of the pool could not be removed")
            {
                Where = pool.FullName,
                Cause = error.Trim(),
            };
        }
    }

    /// <summary>Makes sure that there is room for what changes while a snapshot exists.</summary>
    /// <exception cref="DeviceException">There is not. No snapshot was taken.</exception>
    public void EnsureRoom()
    {
        if (pool.DataPercent > MaxDataPercent || pool.MetadataPercent > MaxMetadataPercent)
        {
            throw new DeviceException(ErrorId.SnapshotCreate, "the thin pool is too full for a snapshot")
            {
                Where = pool.FullName,
                Cause = string.Create(
                    CultureInfo.InvariantCulture,
                    $"data {pool.DataPercent:F1} %, metadata {pool.MetadataPercent:F1} %; a snapshot is taken below {MaxDataPercent} % and {MaxMetadataPercent} %"
                ),
                Hint =
                    $"extend it: lvextend -L +10G {pool.FullName}, or lvextend --poolmetadatasize +64M {pool.FullName}",
            };
        }
    }

    /// <summary>Where two volumes of the pool differ; null if that can not be told now.</summary>
    /// <param name="earlier">The thin id of one.</param>
    /// <param name="later">The thin id of the other.</param>
    /// <param name="lengthBytes">Bytes of the later.</param>
    /// <param name="obstacle">Why it can not be told.</param>
    public SnapshotChanges? FindChanges(string earlier, string later, long lengthBytes, out string obstacle)
    {
        try
        {
            // A run on another volume of the pool is done soon; to read a whole volume takes longer.
            using var held = MachineLock.Take(LockName, Patience);
            if (IsHeld())
            {
                if (!File.Exists(Note))
                {
                    obstacle = $"another program holds the metadata snapshot of thin pool {pool.FullName}";
                    return null;
                }

                Message(Release);
            }

            Reserve();
            try
            {
                obstacle = "";
                return Delta(earlier, later, lengthBytes);
            }
            finally
            {
                Message(Release);
                File.Delete(Note);
            }
        }
        catch (Exception failure)
            when (failure is RsyncFsException or XmlException or FormatException or IOException)
        {
            obstacle = $"the metadata of the thin pool could not be read: {failure.Message}";
            return null;
        }
    }

    /// <summary>First the note, so that whoever finds the snapshot knows whose it is; none without the snapshot, which may then be another's.</summary>
    private void Reserve()
    {
        File.WriteAllText(Note, "");
        try
        {
            Message("reserve_metadata_snap");
        }
        catch
        {
            File.Delete(Note);
            throw;
        }
    }

    /// <summary>What a reader of the metadata left behind; null if there is nothing, or one of ours is at work.</summary>
    /// <exception cref="RsyncFsException">The pool can not be asked.</exception>
    public HeldMetadata? FindLeftHeld()
    {
        if (StateLock.IsHeld(Place))
        {
            return null;
        }

        var isOurs = File.Exists(Note);
        var isHeld = IsHeld();
        // One that has begun meanwhile is no leftover.
        return (isOurs || isHeld) && !StateLock.IsHeld(Place) ? new HeldMetadata(this, isHeld, isOurs) : null;
    }

    /// <summary>Releases the metadata snapshot if the note says that it is ours, and removes the note.</summary>
    /// <exception cref="RsyncFsException">Somebody is at work on it, or it can not be released: the note stays.</exception>
    public void ReleaseLeftHeld()
    {
        using var held = MachineLock.Take(LockName, TimeSpan.Zero);
        if (!File.Exists(Note))
        {
            return;
        }

        if (IsHeld())
        {
            Message(Release);
        }

        File.Delete(Note);
    }

    private SnapshotChanges Delta(string earlier, string later, long lengthBytes)
    {
        var metadata =
            BlockSysfs.NodeOfMapped(LogicalVolume.MappedUuidOf(pool.GroupUuid, pool.MetadataUuid, "-tmeta"))
            ?? throw new DeviceException(ErrorId.SnapshotCreate, "the pool's metadata device is not found")
            {
                Where = pool.FullName,
            };
        var extents = new List<Extent>();
        var readBefore = BlockSysfs.SectorsReadOf(metadata);
        LvmTool.Read(
            ErrorId.SnapshotCreate,
            DeltaTool,
            ["-m", "--thin1", earlier, "--thin2", later, metadata],
            output => Parse(output, lengthBytes, extents)
        );
        var read = (BlockSysfs.SectorsReadOf(metadata) - readBefore) * DeviceRange.SectorSizeBytes;
        return new SnapshotChanges(extents, DeltaTool, read);
    }

    /// <summary>
    /// What is mapped differently, or in one of the two only. What is mapped in neither is zeros in both, and what is
    /// the same block of the pool has the same bytes.
    /// </summary>
    private static void Parse(TextReader output, long lengthBytes, List<Extent> extents)
    {
        using var xml = XmlReader.Create(output);
        var blockBytes = 0L;
        while (xml.Read())
        {
            if (xml.NodeType != XmlNodeType.Element)
            {
                continue;
            }

            switch (xml.Name)
            {
                case "superblock":
                    blockBytes = Number(xml, "data_block_size") * DeviceRange.SectorSizeBytes;
                    break;
                case "different" or "left_only" or "right_only":
                    var offset = Number(xml, "begin") * blockBytes;
                    var end = Math.Min(lengthBytes, offset + (Number(xml, "length") * blockBytes));
                    if (blockBytes == 0 || offset >= end)
                    {
                        throw new FormatException($"<{xml.Name}> outside of the volume");
                    }

                    if (extents.Count > 0 && extents[^1].EndBytes == offset)
                    {
                        offset = extents[^1].OffsetBytes;
                        extents.RemoveAt(extents.Count - 1);
                    }

                    extents.Add(new Extent(offset, end - offset));
                    break;
            }
        }
    }

    private static long Number(XmlReader xml, string attribute) =>
        long.Parse(
            xml.GetAttribute(attribute) ?? throw new FormatException($"<{xml.Name}> has no {attribute}"),
            NumberStyles.None,
            CultureInfo.InvariantCulture
        );

    private bool IsHeld()
    {
        var status = LvmTool.Run(ErrorId.SnapshotCreate, "dmsetup", "status", "-u", _mapped).Split(' ');
        return status.Length > HeldRootField
            && !string.Equals(status[HeldRootField], "-", StringComparison.Ordinal);
    }

    private void Message(string message) =>
        LvmTool.Run(ErrorId.SnapshotCreate, "dmsetup", "message", "-u", _mapped, "0", message);
}
