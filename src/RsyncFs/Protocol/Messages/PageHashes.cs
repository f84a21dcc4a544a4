using System.Buffers.Binary;
using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>Answer to a <see cref="PageQuery"/>.</summary>
/// <remarks>
/// <code>
/// length field
///      8 first block of the query, i64
///   rest hashes, u32 each, 1 to 15360
/// </code>
/// </remarks>
/// <param name="FirstBlock">The first block of the query.</param>
/// <param name="Hashes">One hash a page, page by page, block by block.</param>
public sealed record PageHashes(long FirstBlock, IReadOnlyList<uint> Hashes) : Message
{
    private const int HashLength = 4;

    internal override MessageType Type => MessageType.PageHashes;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        writer.WriteInt64(FirstBlock);
        foreach (var hash in Hashes)
        {
            writer.WriteUInt32(hash);
        }
    }

    internal static PageHashes Read(ref MessageReader reader)
    {
        var firstBlock = reader.ReadBlock();
        var bytes = reader.ReadItems(HashLength, 1, ProtocolLimits.PageHashCount).Span;
        var hashes = new uint[bytes.Length / HashLength];
        for (var i = 0; i < hashes.Length; i++)
        {
            hashes[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(i * HashLength)..]);
        }

        return new PageHashes(firstBlock, hashes);
    }
}
