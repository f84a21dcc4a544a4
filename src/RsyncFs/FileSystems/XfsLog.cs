namespace RsyncFs.FileSystems;

/// <summary>
/// Tells whether the log of an XFS holds nothing whose replay would change the map of free space.
/// </summary>
/// <remarks>
/// <para>
/// The log is a ring of sectors of 512 bytes. Each begins with the number of the cycle in which it was written; what
/// stood there is kept in the header of its record. The head is where the number falls by one (xlog_find_head in
/// fs/xfs/xfs_log_recover.c). The last record before the head names the tail, and a mount replays what lies between.
/// </para>
/// <para>
/// An unmount leaves a record of its own as the last one, and then nothing is replayed (xlog_check_unmount_rec). A
/// freeze does not: it forces the log, writes all metadata back, and then "covers" the log with two transactions
/// that hold the superblock alone (xfs_fs_freeze, xfs_log_quiesce and xfs_log_cover, Linux 5.12 on; before that an
/// unmount record and one such transaction), on purpose, so that a mount of the snapshot looks for unlinked inodes.
/// To xfs_repair that is a dirty log. But a replay of the superblock moves no free space. So a log counts as clean if
/// all between tail and head is superblock, and is doubted if a single other thing is there or it is too much to look at.
/// </para>
/// </remarks>
internal sealed class XfsLog
{
    /// <summary>Sectors within which writes may be in flight, and so out of order: 8 buffers of 256 KiB (XLOG_TOTAL_REC_SHIFT).</summary>
    private const int MaxInFlight = 8 * XfsLogRecord.MaxSectors;

    private readonly MetadataReader _reader;
    private readonly XfsSuperblock _superblock;
    private readonly long _startBytes;
    private readonly int _sectorCount;
    private uint _firstCycle;
    private uint _lastCycle;
    private int _head;

    public XfsLog(MetadataReader reader, XfsSuperblock superblock)
    {
        var place = superblock.ToBytes(
            (int)superblock.LogGroup,
            superblock.LogBlock,
            superblock.LogBlockCount
        );
        _reader = reader;
        _superblock = superblock;
        _startBytes = place.OffsetBytes;
        _sectorCount = (int)(place.LengthBytes / XfsSuperblock.SectorUnitBytes);
    }

    /// <summary>Doubts a log that is not clean, or that it can not make sense of.</summary>
    /// <exception cref="InvalidDataException">It is such a log.</exception>
    public void RequireClean()
    {
        FindHead();
        RequireOrder();
        var last = LastRecord();
        if (last.IsUnmount)
        {
            return;
        }

        var transactions = new XfsLogTransactions();
        var at = TailOf(last);
        while (at != _head)
        {
            var record = ReadRecord(at);
            if (!record.IsProven || record.SectorCount > Distance(at, _head))
            {
                throw new InvalidDataException($"its log has a damaged record at sector {at}");
            }

            transactions.Read(record);
            at = (at + record.SectorCount) % _sectorCount;
        }

        transactions.RequireDone();
    }

    private void FindHead()
    {
        _firstCycle = CycleAt(0);
        _lastCycle = CycleAt(_sectorCount - 1);
        if (_firstCycle == 0)
        {
            throw new InvalidDataException("its log is empty");
        }

        if (_lastCycle == _firstCycle)
        {
            _head = 0;
            return;
        }

        // The last sector known to be of the first cycle, and the first known not to be.
        var (of, notOf) = (0, _sectorCount - 1);
        while (notOf - of > 1)
        {
            var middle = of + ((notOf - of) / 2);
            (of, notOf) = CycleAt(middle) == _firstCycle ? (middle, notOf) : (of, middle);
        }

        _head = notOf;
    }

    // Whatever is out of order after a crash is near the head; so if nothing there is, the head is the head. Behind it
    // there may be sectors older than the last cycle: xfs_repair writes a new log with a gap.
    private void RequireOrder()
    {
        if (_lastCycle != _firstCycle && _lastCycle != _firstCycle - 1)
        {
            throw new InvalidDataException("its log has sectors of cycles that do not follow each other");
        }

        var around = Math.Min(MaxInFlight, (_sectorCount - 1) / 2);
        for (var i = -around; i <= around; i++)
        {
            var at = Wrap(_head + i);
            var (cycle, expected) = (CycleAt(at), ExpectedCycle(at));
            if (cycle > expected || (cycle < expected && i < 0))
            {
                throw new InvalidDataException(
                    $"its log has a hole at sector {at}: it was not written to its end"
                );
            }
        }
    }

    private XfsLogRecord LastRecord()
    {
        for (var back = 1; back <= Math.Min(XfsLogRecord.MaxSectors, _sectorCount); back++)
        {
            var at = Wrap(_head - back);
            if (!XfsLogRecord.IsHeader(Sector(at)))
            {
                continue;
            }

            var record = ReadRecord(at);
            return record.SectorCount == back && (record.IsProven || record.IsUnmount)
                ? record
                : throw new InvalidDataException($"its log has a damaged last record at sector {at}");
        }

        throw new InvalidDataException("its log has no last record");
    }

    private int TailOf(XfsLogRecord last)
    {
        var (cycle, at) = last.Tail;
        if (at >= _sectorCount || cycle != ExpectedCycle((int)at) || at == _head)
        {
            throw new InvalidDataException("its log has no tail");
        }

        return Distance((int)at, _head) <= MaxInFlight
            ? (int)at
            : throw new InvalidDataException("its log must be replayed: it was mounted, and not frozen");
    }

    private XfsLogRecord ReadRecord(int at)
    {
        var header = Sector(at);
        var count = XfsLogRecord.SectorsOf(header, _superblock.HasLogV2);
        if (count > _sectorCount)
        {
            throw new InvalidDataException($"its log has an odd record at sector {at}");
        }

        var sectors = new byte[count * XfsSuperblock.SectorUnitBytes];
        for (var i = 0; i < count; i++)
        {
            var sector = sectors.AsSpan(i * XfsSuperblock.SectorUnitBytes, XfsSuperblock.SectorUnitBytes);
            _reader.Read(OffsetOf(Wrap(at + i)), sector);
        }

        return new XfsLogRecord(sectors, _superblock.HasLogV2, ExpectedCycle(at), at, _superblock.LogUuid);
    }

    private uint CycleAt(int at) => XfsLogRecord.CycleOf(Sector(at));

    private uint ExpectedCycle(int at) => at < _head ? _firstCycle : _lastCycle;

    private byte[] Sector(int at) => _reader.Read(OffsetOf(at), XfsSuperblock.SectorUnitBytes);

    private long OffsetOf(int at) => _startBytes + ((long)at * XfsSuperblock.SectorUnitBytes);

    private int Wrap(int at) => (at + _sectorCount) % _sectorCount;

    private int Distance(int from, int to) => Wrap(to - from);
}
