using System.Buffers.Binary;

namespace RsyncFs.Blocks;

/// <summary>
/// A running digest over the records of a delta in the order they are sent. Both ends keep one; that they agree
/// shows that no record was lost, doubled or put in another place.
/// </summary>
public sealed class DeltaChain
{
    private const int SummaryLength = sizeof(long) + sizeof(long) + Digest.MaxLengthBytes;

    private readonly StrongHash _hash;

    /// <summary>A chain that begins with <paramref name="hash"/>, at <paramref name="from"/> where a delta is gone on with.</summary>
    public DeltaChain(StrongHash hash, DeltaPosition from = default)
    {
        _hash = hash;
        RecordCount = from.RecordCount;
        Value = from.Chain;
    }

    /// <summary>Records so far.</summary>
    public long RecordCount { get; private set; }

    /// <summary>The digest over them; zero before the first.</summary>
    public Digest Value { get; private set; }

    /// <summary>Adds one record: its blocks, and the digest that proves its content.</summary>
    public void Add(DeltaRecord record)
    {
        Span<byte> summary = stackalloc byte[SummaryLength];
        BinaryPrimitives.WriteInt64LittleEndian(summary, record.FirstBlock);
        BinaryPrimitives.WriteInt64LittleEndian(summary[sizeof(long)..], record.BlockCount);
        ((record as BlockChange)?.Digest ?? default).Write(summary[(2 * sizeof(long))..]);
        Value = _hash.Chain(Value, summary);
        RecordCount++;
    }
}
