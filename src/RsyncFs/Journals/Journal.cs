using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.State;

namespace RsyncFs.Journals;

/// <summary>
/// The redo journal: the records of one delta, staged in a file until the delta is whole, and kept until it is on the
/// target. Written by one thread; records that were flushed to the file can be read by several.
/// </summary>
/// <remarks>File: <see cref="JournalHeader"/>, then <see cref="JournalRecord"/>s, each linked to the one before, the last a commit.</remarks>
internal sealed class Journal : IDisposable
{
    /// <summary>The file's name in the target's state directory.</summary>
    internal const string FileName = "journal";

    private const int BufferBytes = 1024 * 1024;
    private const long FirstStepBytes = 64 * 1024;
    private const long LargestStepBytes = 64 * 1024 * 1024;

    private readonly IDurableFile _file;
    private readonly long _limitBytes;
    private readonly ByteWriter _buffer = new();
    private readonly List<StagedRecord> _staged = [];
    private readonly List<JournalMark> _marks = [];
    private long _writtenBytes;
    private long _allocatedBytes;
    private Digest _link;

    private Journal(IDurableFile file, JournalHeader header, long limitBytes)
    {
        _file = file;
        Header = header;
        _limitBytes = limitBytes;
    }

    /// <summary>What the journal is for.</summary>
    public JournalHeader Header { get; }

    /// <summary>How many blocks and zero runs are in it.</summary>
    public int RecordCount => _staged.Count;

    /// <summary>Bytes of the file up to the end of the last record.</summary>
    public long LengthBytes => _writtenBytes + _buffer.Length;

    /// <summary>The chain over all records.</summary>
    public Digest Chain => _link;

    /// <summary>The checkpoints in it, oldest first.</summary>
    public IReadOnlyList<JournalMark> Marks => _marks;

    /// <summary>The record that makes it whole; null while it is not.</summary>
    public JournalRecord? CommitRecord { get; private set; }

    /// <summary>Begins an empty journal in <paramref name="directory"/>; what an earlier one left is gone.</summary>
    /// <param name="directory">The target's state directory.</param>
    /// <param name="header">What it is for.</param>
    /// <param name="limitBytes">The file never grows beyond.</param>
    /// <exception cref="StateException">The file could not be made, or there is no room for it.</exception>
    public static Journal Create(IDurableDirectory directory, JournalHeader header, long limitBytes)
    {
        var journal = new Journal(directory.Create(FileName), header, limitBytes);
        try
        {
            journal.Reserve(JournalHeader.HeaderBytes);
            var head = header.Encode();
            journal._file.Write(0, head);
            journal._writtenBytes = JournalHeader.HeaderBytes;
            journal._link = JournalHeader.LinkOf(head);
            directory.Flush();
            return journal;
        }
        catch
        {
            journal.Dispose();
            throw;
        }
    }

    /// <summary>Opens what is there and reads it up to the first record that is damaged, torn or of another journal; null if there is not even a header.</summary>
    /// <exception cref="StateException">The file could not be opened.</exception>
    public static Journal? TryOpen(IDurableDirectory directory, long limitBytes)
    {
        if (!directory.Exists(FileName))
        {
            return null;
        }

        var file = directory.Open(FileName);
        try
        {
            var head = new byte[JournalHeader.HeaderBytes];
            if (file.LengthBytes >= head.Length)
            {
                file.Read(0, head);
                if (JournalHeader.TryDecode(head) is { } header)
                {
                    var journal = new Journal(file, header, limitBytes)
                    {
                        _writtenBytes = JournalHeader.HeaderBytes,
                        _allocatedBytes = file.LengthBytes,
                        _link = JournalHeader.LinkOf(head),
                    };
                    journal.ReadRecords();
                    return journal;
                }
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }

        file.Dispose();
        return null;
    }

    /// <summary>Bytes that a journal takes in <paramref name="directory"/>.</summary>
    /// <exception cref="StateException">The file could not be opened.</exception>
    public static long AllocatedBytes(IDurableDirectory directory)
    {
        if (!directory.Exists(FileName))
        {
            return 0;
        }

        using var file = directory.Open(FileName);
        return file.LengthBytes;
    }

    /// <summary>Removes the file, if it is there.</summary>
    /// <exception cref="StateException">The file could not be removed.</exception>
    public static void Discard(IDurableDirectory directory) => directory.Delete(FileName);

    /// <summary>Adds a block or a zero run.</summary>
    /// <exception cref="RefusedException">It would grow beyond its limit (<see cref="ErrorId.JournalFull"/>).</exception>
    /// <exception cref="StateException">It could not be written (a full disk, say); the journal is of no use any more.</exception>
    public void Append(JournalRecord record)
    {
        _staged.Add(new StagedRecord(record.FirstBlock, (int)record.BlockCount, LengthBytes));
        Write(record);
    }

    /// <summary>Marks that so much of the delta is in it, and makes that durable.</summary>
    /// <exception cref="RefusedException">It would grow beyond its limit.</exception>
    /// <exception cref="StateException">It is not durable; the journal is of no use any more.</exception>
    public void Mark(long recordCount, Digest chain)
    {
        Write(JournalRecord.OfCheckpoint(recordCount, chain));
        Flush();
        _marks.Add(new JournalMark(recordCount, chain, _staged.Count, LengthBytes, _link));
    }

    /// <summary>Makes the journal whole, and all of it durable with one flush: the records bear their own proofs, so their order on the disk does not matter.</summary>
    /// <returns>What the state must say of it.</returns>
    /// <exception cref="RefusedException">It would grow beyond its limit.</exception>
    /// <exception cref="StateException">It may be durable or not; the journal is of no use any more before it was read anew.</exception>
    public PendingGeneration Commit(GenerationEnd end)
    {
        var commit = JournalRecord.OfCommit(_staged.Count, LengthBytes, end.Root, end.IsFuzzy);
        Write(commit);
        Flush();
        CommitRecord = commit;
        return Pending();
    }

    /// <summary>What the state must say of a whole journal.</summary>
    public PendingGeneration Pending() => new(Header.Generation, Header.Transaction, LengthBytes, _link);

    /// <summary>Hands all records to the system, so that they can be read. Nothing is durable by it.</summary>
    /// <exception cref="StateException">They could not be written; the journal is of no use any more.</exception>
    public void Drain() => WriteBuffer();

    /// <summary>
    /// Writes all of a journal that was opened once more, and flushes it: after a flush that failed the system may
    /// show bytes that never reached the disk, and only writing them makes it try again.
    /// </summary>
    /// <exception cref="StateException">It is not durable.</exception>
    public void MakeDurableAgain()
    {
        var bytes = new byte[BufferBytes];
        for (var at = 0L; at < _writtenBytes; at += bytes.Length)
        {
            var part = bytes.AsSpan(0, (int)Math.Min(bytes.Length, _writtenBytes - at));
            _file.Read(at, part);
            _file.Write(at, part);
        }

        _file.Flush();
    }

    /// <summary>
    /// Forgets what lies behind <paramref name="mark"/>: the next record is written there. What lies before it is
    /// written afresh: the flush of that checkpoint may have failed, and the system forgotten what it still shows.
    /// </summary>
    /// <exception cref="StateException">It is not durable; the journal is of no use any more.</exception>
    public void GoBackTo(JournalMark mark)
    {
        _staged.RemoveRange(mark.StagedCount, _staged.Count - mark.StagedCount);
        _marks.RemoveAll(later => later.EndBytes > mark.EndBytes);
        _writtenBytes = mark.EndBytes;
        _link = mark.Link;
        MakeDurableAgain();
    }

    /// <summary>The blocks and zero runs in the order they came. Only before <see cref="InBlockOrder"/>.</summary>
    public IReadOnlyList<StagedRecord> Staged => _staged;

    /// <summary>The blocks and zero runs, ascending by block.</summary>
    public IReadOnlyList<StagedRecord> InBlockOrder()
    {
        // In place: of millions of small blocks a sorted copy would be the largest thing in memory.
        _staged.Sort((one, other) => one.FirstBlock.CompareTo(other.FirstBlock));
        return _staged;
    }

    /// <summary>Reads a record that was flushed.</summary>
    /// <exception cref="StateException">It could not be read, or is damaged.</exception>
    public JournalRecord Read(StagedRecord record)
    {
        var read = JournalRecord.Read(_file, record.OffsetBytes, Header.Transaction).Record;
        var isOfBlocks = read.Type is JournalRecordType.Block or JournalRecordType.ZeroRun;
        if (isOfBlocks && read.FirstBlock == record.FirstBlock)
        {
            return read;
        }

        // Whole, and of this journal: a disk that misdirects a write does that.
        throw new StateException(ErrorId.StateDamaged, "a journal record lies where another belongs")
        {
            Where = $"{_file.Name} at offset {record.OffsetBytes}",
            Cause = $"it is {read.Type} {read.FirstBlock}, and should be of block {record.FirstBlock}",
            Hint = "test the memory and the disk that holds the state directory",
        };
    }

    /// <summary>Closes the file. It stays: what becomes of it is decided by what the state says.</summary>
    public void Dispose() => _file.Dispose();

    private void Write(JournalRecord record)
    {
        Reserve(LengthBytes + record.PaddedLength());
        _link = record.Encode(_buffer, Header.Transaction, _link);
        if (_buffer.Length >= BufferBytes)
        {
            WriteBuffer();
        }
    }

    private void Flush()
    {
        WriteBuffer();
        _file.Flush();
    }

    private void WriteBuffer()
    {
        if (_buffer.Length > 0)
        {
            _file.Write(_writtenBytes, _buffer.Written);
            _writtenBytes += _buffer.Length;
            _buffer.Clear();
        }
    }

    /// <summary>Takes room ahead, in steps that double: a full disk is found here, and not in the middle of a record.</summary>
    private void Reserve(long endBytes)
    {
        if (endBytes > _limitBytes)
        {
            throw new RefusedException(ErrorId.JournalFull, "the delta is larger than the journal may become")
            {
                Where = _file.Name,
                Cause = $"more than {_limitBytes} bytes",
                Hint =
                    "raise --journal-limit or free space for the state directory, or serve with --apply direct; the target stays at its generation",
            };
        }

        if (endBytes > _allocatedBytes)
        {
            var step = Math.Clamp(_allocatedBytes, FirstStepBytes, LargestStepBytes);
            var wanted = Math.Min(Math.Max(endBytes, _allocatedBytes + step), _limitBytes);
            _file.Allocate(wanted);
            _allocatedBytes = wanted;
        }
    }

    private void ReadRecords()
    {
        while (CommitRecord is null && TryReadNext() is { } next)
        {
            var (record, _, checksum) = next;
            _link = checksum;
            switch (record.Type)
            {
                case JournalRecordType.Commit:
                    CommitRecord = record;
                    break;
                case JournalRecordType.Checkpoint:
                    break;
                default:
                    _staged.Add(new StagedRecord(record.FirstBlock, (int)record.BlockCount, _writtenBytes));
                    break;
            }

            _writtenBytes += record.PaddedLength();
            if (record.Type == JournalRecordType.Checkpoint)
            {
                _marks.Add(
                    new JournalMark(
                        record.FirstBlock,
                        record.Signature.Strong,
                        _staged.Count,
                        _writtenBytes,
                        _link
                    )
                );
            }
        }
    }

    /// <summary>The record at the end of what was read; null if there is none that continues it.</summary>
    private LinkedRecord? TryReadNext()
    {
        if (_writtenBytes + JournalRecord.HeadLength > _file.LengthBytes)
        {
            return null;
        }

        try
        {
            var next = JournalRecord.Read(_file, _writtenBytes, Header.Transaction);
            return next.Link == _link && Fits(next.Record) ? next : null;
        }
        catch (StateException)
        {
            // Torn, or never written: the journal ends here. Whether it may is for the state to say.
            return null;
        }
    }

    private bool Fits(JournalRecord record) =>
        record.Type != JournalRecordType.Commit
        || (record.FirstBlock == _staged.Count && record.BlockCount == _writtenBytes);
}
