namespace RsyncFs.FileSystems;

/// <summary>
/// Follows the operations of log records and doubts all but transactions that log the superblock and nothing else,
/// and what an unmount writes. A transaction is a start, a header, for each item a description and its data, and a
/// commit.
/// </summary>
internal sealed class XfsLogTransactions
{
    private const byte ClientTransaction = 0x69;
    private const byte FlagStart = 0x1;
    private const byte FlagCommit = 0x2;
    private const int OperationHeaderBytes = 12;
    private const int TransactionHeaderBytes = 16;
    private const uint TransactionMagic = 0x5452414E; // TRAN, in the order of the machine
    private const ushort ItemIsBuffer = 0x123C;
    private const int BufferItemBytes = 20;
    private const ushort BufferCancelled = 0x2;

    private uint? _open;
    private bool _hasHeader;
    private int _dataToCome;

    /// <summary>Follows those of the next record.</summary>
    /// <exception cref="InvalidDataException">There is something else in it.</exception>
    public void Read(XfsLogRecord record)
    {
        var rest = record.Operations;
        for (var i = 0u; i < record.OperationCount; i++)
        {
            if (rest.Length < OperationHeaderBytes || rest.Big32(4) > rest.Length - OperationHeaderBytes)
            {
                throw new InvalidDataException("its log has an operation that leaves its record");
            }

            var length = (int)rest.Big32(4);
            Take(rest.Big32(0), rest[8], rest[9], rest.Slice(OperationHeaderBytes, length));
            rest = rest[(OperationHeaderBytes + length)..];
        }
    }

    /// <summary>Doubts a log that ends within a transaction.</summary>
    /// <exception cref="InvalidDataException">It does.</exception>
    public void RequireDone()
    {
        if (_open is not null)
        {
            throw Dirty();
        }
    }

    private void Take(uint transaction, byte client, byte flags, ReadOnlySpan<byte> data)
    {
        if (client == XfsLogRecord.ClientLog && flags == XfsLogRecord.FlagUnmount && _open is null)
        {
            return;
        }

        if (client != ClientTransaction)
        {
            throw Dirty();
        }

        switch (flags)
        {
            case FlagStart when _open is null && data.IsEmpty:
                (_open, _hasHeader, _dataToCome) = (transaction, false, 0);
                break;
            case FlagCommit when _open == transaction && data.IsEmpty && _dataToCome == 0:
                _open = null;
                break;
            case 0 when _open == transaction:
                TakeRegion(data);
                break;
            default:
                throw Dirty();
        }
    }

    private void TakeRegion(ReadOnlySpan<byte> data)
    {
        if (!_hasHeader)
        {
            _hasHeader =
                data.Length == TransactionHeaderBytes && data.Little32(0) == TransactionMagic
                    ? true
                    : throw Dirty();
        }
        else if (_dataToCome > 0)
        {
            _dataToCome--;
        }
        else
        {
            _dataToCome = DataOfSuperblock(data);
        }
    }

    // struct xfs_buf_log_format: type, count of regions with this one, flags, sectors, and the first sector on the device.
    private static int DataOfSuperblock(ReadOnlySpan<byte> item)
    {
        var isSuperblock =
            item.Length >= BufferItemBytes
            && item.Little16(0) == ItemIsBuffer
            && item.Little16(2) > 1
            && (item.Little16(4) & BufferCancelled) == 0
            && item.Little64(8) == 0;
        return isSuperblock ? item.Little16(2) - 1 : throw Dirty();
    }

    private static InvalidDataException Dirty() =>
        new("its log must be replayed: it was mounted, and not frozen");
}
