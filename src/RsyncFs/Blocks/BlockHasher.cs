using System.Buffers.Binary;
using System.Diagnostics;

namespace RsyncFs.Blocks;

/// <summary>
/// Makes signature entries: for each block its weak checksum (4 bytes, little-endian) and its digest, the form in
/// which signatures are stored and sent. Safe to use from several threads.
/// </summary>
public sealed class BlockHasher
{
    private readonly Digest _zeroBlock;
    private readonly Digest _zeroTail;

    /// <summary>A hasher for devices cut as <paramref name="layout"/> says.</summary>
    public BlockHasher(BlockLayout layout, StrongHash hash)
    {
        Layout = layout;
        Hash = hash;
        var zeros = new byte[layout.BlockSizeBytes];
        _zeroBlock = hash.Compute(zeros);
        _zeroTail =
            layout.BlockCount == 0
                ? _zeroBlock
                : hash.Compute(zeros.AsSpan(0, layout.LengthOf(layout.BlockCount - 1)));
    }

    /// <summary>How the device is cut.</summary>
    public BlockLayout Layout { get; }

    /// <summary>The strong hash.</summary>
    public StrongHash Hash { get; }

    /// <summary>Bytes of one entry.</summary>
    public int EntryLength => EntryLengthOf(Hash.DigestLength);

    /// <summary>Bytes of an entry with a digest of <paramref name="digestLength"/> bytes.</summary>
    public static int EntryLengthOf(int digestLength) => sizeof(uint) + digestLength;

    /// <summary>Reads one entry.</summary>
    public static Signature ReadEntry(ReadOnlySpan<byte> entry) =>
        new(BinaryPrimitives.ReadUInt32LittleEndian(entry), Digest.Read(entry[sizeof(uint)..]));

    /// <summary>Writes one entry.</summary>
    public static void WriteEntry(Signature signature, Span<byte> entry)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(entry, signature.Weak);
        signature.Strong.Write(entry[sizeof(uint)..]);
    }

    /// <summary>The signature of one block's content.</summary>
    public Signature Compute(ReadOnlySpan<byte> block) =>
        new(WeakChecksum.Compute(block), Hash.Compute(block));

    /// <summary>The digest of block <paramref name="index"/> if it is all zeros.</summary>
    public Digest ZeroDigest(long index) => index == Layout.BlockCount - 1 ? _zeroTail : _zeroBlock;

    /// <summary>Fills <paramref name="entries"/> with those of consecutive blocks that lie in <paramref name="data"/>.</summary>
    public void WriteEntries(long firstBlock, ReadOnlySpan<byte> data, Span<byte> entries)
    {
        Debug.Assert(
            firstBlock * Layout.BlockSizeBytes + data.Length <= Layout.LengthBytes,
            "blocks in range"
        );
        for (var entry = 0; data.Length > 0; entry += EntryLength)
        {
            var length = Math.Min(Layout.BlockSizeBytes, data.Length);
            WriteEntry(Compute(data[..length]), entries.Slice(entry, EntryLength));
            data = data[length..];
        }
    }

    /// <summary>Fills <paramref name="entries"/> with those of <paramref name="count"/> blocks of zeros.</summary>
    public void WriteZeroEntries(long firstBlock, int count, Span<byte> entries)
    {
        for (var i = 0; i < count; i++)
        {
            // The weak checksum of zeros is zero, whatever their number.
            WriteEntry(
                new Signature(0, ZeroDigest(firstBlock + i)),
                entries.Slice(i * EntryLength, EntryLength)
            );
        }
    }

    /// <summary>The digest of a group: that of its blocks' digests, one behind the other.</summary>
    public Digest ComputeGroup(ReadOnlySpan<byte> entries)
    {
        Span<byte> digests = stackalloc byte[BlockLayout.BlocksPerGroup * Digest.MaxLengthBytes];
        var length = 0;
        for (var entry = 0; entry < entries.Length; entry += EntryLength)
        {
            entries.Slice(entry + sizeof(uint), Hash.DigestLength).CopyTo(digests[length..]);
            length += Hash.DigestLength;
        }

        return Hash.Compute(digests[..length]);
    }
}
