namespace RsyncFs.FileSystems;

/// <summary>One record of an XFS log, as it was before it was written: headers, and behind them operations. The format is that of the kernel's fs/xfs/libxfs/xfs_log_format.h.</summary>
internal sealed class XfsLogRecord
{
    /// <summary>Sectors of the largest record: 256 KiB and its headers.</summary>
    public const int MaxSectors = (MaxBytes / SectorBytes) + (MaxBytes / BytesPerHeader);

    /// <summary>Client of an operation that is none of a transaction (XFS_LOG).</summary>
    public const byte ClientLog = 0xAA;

    /// <summary>Flag of the operation that an unmount writes (XLOG_UNMOUNT_TRANS).</summary>
    public const byte FlagUnmount = 0x20;

    private const int SectorBytes = XfsSuperblock.SectorUnitBytes;
    private const uint Magic = 0xFEEDBABE;
    private const int Version2 = 2;
    private const int MaxBytes = 256 * 1024;
    private const int BytesPerHeader = 32 * 1024;
    private const int SectorsPerHeader = BytesPerHeader / SectorBytes;
    private const uint FormatLittleEndian = 1;

    private const int CycleAt = 4;
    private const int VersionAt = 8;
    private const int LengthAt = 12;
    private const int PlaceAt = 16;
    private const int TailAt = 24;
    private const int ChecksumAt = 32;
    private const int OperationCountAt = 40;
    private const int SavedWordsAt = 44;
    private const int FormatAt = 300;
    private const int UuidAt = 304;
    private const int SizeAt = 320;
    private const int SavedWordsInExtensionAt = 4;

    // The header with its padding, and without as 32-bit machines had it; of an extension the cycle and the saved words.
    private const int SummedHeaderBytes = 328;
    private const int SummedHeaderBytes32 = 324;
    private const int SummedExtensionBytes = 260;

    private const int OperationHeaderBytes = 12;

    private readonly byte[] _sectors;
    private readonly int _headerSectors;
    private readonly int _lengthBytes;

    /// <summary>Reads a record from its sectors as they are in the log.</summary>
    /// <exception cref="InvalidDataException">It is odd, or not the record of that cycle, place and file system.</exception>
    public XfsLogRecord(byte[] sectors, bool isV2, uint cycle, int place, ReadOnlySpan<byte> uuid)
    {
        ReadOnlySpan<byte> header = sectors;
        var isOurs =
            header.Big32(CycleAt) == cycle
            && header.Big32(PlaceAt) == cycle
            && header.Big32(PlaceAt + 4) == place
            && header.Big32(FormatAt) == FormatLittleEndian
            && header.Slice(UuidAt, uuid.Length).SequenceEqual(uuid);
        if (!isOurs)
        {
            throw new InvalidDataException($"its log has an odd record at sector {place}");
        }

        _sectors = sectors;
        _headerSectors = HeaderSectorsOf(header, isV2);
        _lengthBytes = (int)header.Big32(LengthAt);
        OperationCount = header.Big32(OperationCountAt);
        Tail = (header.Big32(TailAt), header.Big32(TailAt + 4));
        IsProven =
            header.Little32(ChecksumAt) is var checksum
            && (IsSum(checksum, SummedHeaderBytes) || IsSum(checksum, SummedHeaderBytes32));
        Unpack();
    }

    /// <summary>Sectors of the log that it takes.</summary>
    public int SectorCount => _sectors.Length / SectorBytes;

    /// <summary>How many operations its header says there are.</summary>
    public uint OperationCount { get; }

    /// <summary>Cycle and sector from which on a replay would begin.</summary>
    public (uint Cycle, uint Sector) Tail { get; }

    /// <summary>True if its checksum is right. The one that mkfs and xfs_repair write has none.</summary>
    public bool IsProven { get; }

    /// <summary>True if it is what an unmount writes: one operation that says so.</summary>
    public bool IsUnmount =>
        OperationCount == 1 && Operations[8] == ClientLog && (Operations[9] & FlagUnmount) != 0;

    /// <summary>The operations, one behind the other.</summary>
    public ReadOnlySpan<byte> Operations => _sectors.AsSpan(_headerSectors * SectorBytes);

    /// <summary>True if a sector begins a record.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> sector) => sector.Big32(0) == Magic;

    /// <summary>The cycle in which a sector of the log was written.</summary>
    public static uint CycleOf(ReadOnlySpan<byte> sector) => sector.Big32(IsHeader(sector) ? CycleAt : 0);

    /// <summary>Sectors that the record takes which begins with this one.</summary>
    /// <exception cref="InvalidDataException">No record begins with it, or an odd one.</exception>
    public static int SectorsOf(ReadOnlySpan<byte> header, bool isV2)
    {
        var length = header.Big32(LengthAt);
        return IsHeader(header) && length is >= OperationHeaderBytes and <= MaxBytes
            ? HeaderSectorsOf(header, isV2) + (int)((length + SectorBytes - 1) / SectorBytes)
            : throw new InvalidDataException("its log has an odd record");
    }

    private static int HeaderSectorsOf(ReadOnlySpan<byte> header, bool isV2)
    {
        var size = header.Big32(SizeAt);
        if (!isV2 || (header.Big32(VersionAt) & Version2) == 0 || size <= BytesPerHeader)
        {
            return 1;
        }

        return size <= MaxBytes
            ? (int)((size + BytesPerHeader - 1) / BytesPerHeader)
            : throw new InvalidDataException("its log has an odd record");
    }

    // xlog_cksum in fs/xfs/xfs_log.c: the header without the sum, the extensions in use, and the operations as written.
    private bool IsSum(uint checksum, int headerBytes)
    {
        var crc = MetadataChecksum.Crc32CAround(
            MetadataChecksum.Start,
            _sectors.AsSpan(0, headerBytes),
            ChecksumAt
        );
        var extensionCount = ((Operations.Length + BytesPerHeader - 1) / BytesPerHeader) - 1;
        for (var i = 1; i <= Math.Min(extensionCount, _headerSectors - 1); i++)
        {
            crc = MetadataChecksum.Crc32C(crc, _sectors.AsSpan(i * SectorBytes, SummedExtensionBytes));
        }

        return ~MetadataChecksum.Crc32C(crc, Operations[.._lengthBytes]) == checksum;
    }

    // Puts back the first word of each sector, which the cycle took the place of.
    private void Unpack()
    {
        var count = SectorCount - _headerSectors;
        if (count > _headerSectors * SectorsPerHeader)
        {
            throw new InvalidDataException("its log has a record with too few headers");
        }

        for (var i = 0; i < count; i++)
        {
            var header = i / SectorsPerHeader;
            var saved =
                (header * SectorBytes)
                + (header == 0 ? SavedWordsAt : SavedWordsInExtensionAt)
                + (i % SectorsPerHeader * sizeof(uint));
            _sectors.AsSpan(saved, sizeof(uint)).CopyTo(_sectors.AsSpan((_headerSectors + i) * SectorBytes));
        }
    }
}
