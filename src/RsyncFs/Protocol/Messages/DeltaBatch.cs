using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>Some records of the delta. A block comes once; one that was refused comes again, whole.</summary>
/// <remarks>
/// <code>
/// length field
///   rest records, 1 to 65536: see RecordFields
/// </code>
/// What was received points into the frame's own memory, which lives as long as any of its records.
/// </remarks>
/// <param name="Records">The records, ascending by block within the message.</param>
public sealed record DeltaBatch(IReadOnlyList<DeltaRecord> Records) : Message
{
    /// <summary>Bytes of payload that it came in, to be granted again once it was dealt with; 0 for one that was made here.</summary>
    public int PayloadLength { get; init; }

    /// <summary>Of a received batch: the memory that its records point to.</summary>
    internal byte[]? Buffer { get; init; }

    internal override MessageType Type => MessageType.Delta;

    /// <summary>Bytes of payload that <paramref name="record"/> takes, at most: only its index is counted for as long as it could be.</summary>
    public static int SizeOf(DeltaRecord record, SessionFormat format) => RecordFields.SizeOf(record, format);

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        ArgumentNullException.ThrowIfNull(format);
        if (Records.Count is 0 or > ProtocolLimits.DeltaRecordCount)
        {
            throw new ArgumentException($"a delta of {Records.Count} records", nameof(writer));
        }

        var nextBlock = 0L;
        foreach (var record in Records)
        {
            RecordFields.Write(writer, record, nextBlock, format);
            nextBlock = record.FirstBlock + record.BlockCount;
        }
    }

    internal static DeltaBatch Read(ref MessageReader reader)
    {
        var records = new List<DeltaRecord>();
        var nextBlock = 0L;
        do
        {
            if (records.Count == ProtocolLimits.DeltaRecordCount)
            {
                throw new InvalidDataException($"more than {records.Count} records");
            }

            var record = RecordFields.Read(ref reader, nextBlock);
            records.Add(record);
            nextBlock = record.FirstBlock + record.BlockCount;
        } while (reader.Bytes.Remaining > 0);

        return new DeltaBatch(records);
    }
}
