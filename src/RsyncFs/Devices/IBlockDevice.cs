using RsyncFs.Blocks;

namespace RsyncFs.Devices;

/// <summary>
/// A block device, or an image that stands for one: a fixed number of bytes, read and written at positions. Calls
/// block until they are done and may come from several threads at once, for ranges that do not overlap.
/// </summary>
/// <remarks>
/// Every call moves all of its bytes or throws. Offset, length and memory may have any alignment; what is aligned
/// to 4 KiB throughout is fast. A range that does not lie wholly inside the device is refused before anything is
/// read or written.
/// </remarks>
public interface IBlockDevice : IDisposable
{
    /// <summary>What a person calls it: a path.</summary>
    string Name { get; }

    /// <summary>
    /// What names the device itself, wherever it is attached and whatever path leads to it (a serial number, a
    /// volume's uuid); empty where nothing does.
    /// </summary>
    string StableId => "";

    /// <summary>Bytes of the device. Never changes while it is open.</summary>
    long LengthBytes { get; }

    /// <summary>The devices that it consists of: one, unless it is a set.</summary>
    SetShape Shape => new(LengthBytes);

    /// <summary>
    /// True where the system may count a zeroing twice: the first on a device whose driver can not do what it offered
    /// is counted as it fails, and again as zero pages are written instead (block/blk-lib.c of Linux).
    /// </summary>
    bool MayCountZeroingTwice => false;

    /// <summary>Sectors of 512 bytes that this object wrote or zeroed since it was opened.</summary>
    long SectorsWritten { get; }

    /// <summary>Fills <paramref name="buffer"/> from <paramref name="offsetBytes"/> on, past the page cache.</summary>
    /// <exception cref="Errors.DeviceException">It could not be read. The buffer's content is undefined.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range leaves the device. Nothing was read.</exception>
    void Read(long offsetBytes, Span<byte> buffer);

    /// <summary>Writes <paramref name="data"/> at <paramref name="offsetBytes"/>. Durable only after <see cref="Flush"/>.</summary>
    /// <exception cref="Errors.DeviceException">It could not be written. What the range holds is undefined.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range leaves the device. Nothing was written.</exception>
    void Write(long offsetBytes, ReadOnlySpan<byte> data);

    /// <summary>Makes <paramref name="extent"/> read as zeros. Durable only after <see cref="Flush"/>.</summary>
    /// <exception cref="Errors.DeviceException">It could not be zeroed. What the range holds is undefined.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range leaves the device. Nothing was written.</exception>
    void Zero(Extent extent);

    /// <summary>Makes everything written before this call durable.</summary>
    /// <exception cref="Errors.DeviceException">It is not durable, and a second flush that succeeds would prove nothing. Reads give what is there.</exception>
    void Flush();

    /// <summary>
    /// The first run at or behind <paramref name="offsetBytes"/> that may hold data. What lies between is a hole: it
    /// reads as zeros and need not be read. A device that knows no holes gives everything up to its end; behind the
    /// last data the run is empty and begins at the end.
    /// </summary>
    Extent NextData(long offsetBytes);

    /// <summary>What the system can say, now, about writes to this device.</summary>
    ChangeEvidence ReadEvidence();
}
