using RsyncFs.Blocks;
using RsyncFs.Devices;

namespace RsyncFs.Targets;

/// <summary>
/// The records of one delta, staged in a file until the delta is whole. Written by one thread; records that were
/// flushed to the file can be read by several.
/// </summary>
internal sealed class Journal : IDisposable
{
    private const string FileName = "journal";
    private const int BufferBytes = 1024 * 1024;

    private readonly IDurableDirectory _directory;
    private readonly IDurableFile _file;
    private readonly ByteWriter _buffer = new();
    private readonly List<StagedRecord> _records = [];
    private readonly Guid _transaction;
    private long _writtenBytes;

    /// <summary>Begins an empty journal in <paramref name="directory"/>; what an earlier one left is gone.</summary>
    /// <param name="directory">The target's state directory.</param>
    /// <param name="transaction">A fresh random id, by which old bytes in the file can not pass for records of this journal.</param>
    /// <exception cref="Errors.StateException">The file could not be made.</exception>
    public Journal(IDurableDirectory directory, Guid transaction)
    {
        _directory = directory;
        _transaction = transaction;
        _file = directory.Create(FileName);
    }

    /// <summary>How many records are in it.</summary>
    public int RecordCount => _records.Count;

    /// <summary>Removes what a session that did not end left.</summary>
    /// <exception cref="Errors.StateException">The file could not be removed.</exception>
    public static void Discard(IDurableDirectory directory) => directory.Delete(FileName);

    /// <summary>Adds a record.</summary>
    /// <exception cref="Errors.StateException">It could not be written (a full disk, say); the journal is of no use any more.</exception>
    public void Append(JournalRecord record)
    {
        _records.Add(new StagedRecord(record.FirstBlock, _writtenBytes + _buffer.Length));
        record.Encode(_buffer, _transaction);
        if (_buffer.Length >= BufferBytes)
        {
            WriteBuffer();
        }
    }

    /// <summary>Makes all records durable.</summary>
    /// <exception cref="Errors.StateException">They are not durable; the journal is of no use any more.</exception>
    public void Flush()
    {
        WriteBuffer();
        _file.Flush();
    }

    /// <summary>The records, ascending by block.</summary>
    public IReadOnlyList<StagedRecord> InBlockOrder()
    {
        // In place: of millions of small blocks a sorted copy would be the largest thing in memory.
        _records.Sort((one, other) => one.FirstBlock.CompareTo(other.FirstBlock));
        return _records;
    }

    /// <summary>Reads a record that was flushed.</summary>
    /// <exception cref="Errors.StateException">It could not be read, or is damaged.</exception>
    public JournalRecord Read(StagedRecord record) =>
        JournalRecord.Read(_file, record.OffsetBytes, _transaction);

    /// <summary>Closes and removes the file.</summary>
    public void Dispose()
    {
        _file.Dispose();
        _directory.Delete(FileName);
    }

    private void WriteBuffer()
    {
        _file.Write(_writtenBytes, _buffer.Written);
        _writtenBytes += _buffer.Length;
        _buffer.Clear();
    }
}
