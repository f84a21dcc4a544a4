using RsyncFs.Blocks;

namespace RsyncFs.Protocol;

/// <summary>
/// A list of blocks inside a query.
/// <code>
/// length field
/// varint count, at least 1
/// varint for each: its index, less the one before and one more; the first: its index
/// </code>
/// </summary>
internal static class BlockListFields
{
    public static void Write(ByteWriter writer, IReadOnlyList<long> blocks)
    {
        writer.WriteVarint((ulong)blocks.Count);
        var next = 0L;
        foreach (var block in blocks)
        {
            if (block < next)
            {
                throw new ArgumentException($"block {block} is not behind the one before", nameof(blocks));
            }

            writer.WriteVarint((ulong)(block - next));
            next = block + 1;
        }
    }

    public static long[] Read(ref MessageReader reader, int maxCount)
    {
        var count = (int)reader.Bytes.ReadVarint(maxCount);
        if (count == 0 || count > reader.Bytes.Remaining)
        {
            throw new InvalidDataException($"{count} blocks in {reader.Bytes.Remaining} bytes");
        }

        var blocks = new long[count];
        var next = 0L;
        for (var i = 0; i < count; i++)
        {
            var left = reader.Format.Layout.BlockCount - 1 - next;
            if (left < 0)
            {
                throw new InvalidDataException("a block behind the last of the device");
            }

            blocks[i] = next + reader.Bytes.ReadVarint(left);
            next = blocks[i] + 1;
        }

        return blocks;
    }
}
