using System.Buffers.Binary;
using RsyncFs.Blocks;
using RsyncFs.Devices;

namespace RsyncFs.Linux.Lvm;

/// <summary>
/// Reads the exception store of a classic snapshot: which chunks of the origin were written since it was taken.
/// </summary>
/// <remarks>
/// drivers/md/dm-snap-persistent.c of Linux, little-endian. Chunk 0: magic "SnAp" u32, valid u32, version u32 (1), chunk
/// size u32 (in sectors). Then areas: one chunk of entries, and as many chunks of data as it has entries. Entry: old
/// chunk u64 (of the origin), new chunk u64 (of the store). The first new chunk that is zero ends the list.
/// </remarks>
internal static class ExceptionStore
{
    private const uint Magic = 0x70416e53;
    private const uint Version = 1;
    private const int HeaderLength = 16;
    private const int EntryLength = 16;
    private const int MaxChunkBytes = 1 << 20;

    /// <summary>The extents of the origin that were written; null with the reason where the store can not be believed.</summary>
    /// <param name="store">The copy-on-write device, read past the page cache: the kernel writes it so.</param>
    /// <param name="originBytes">Bytes of the origin.</param>
    /// <param name="obstacle">The reason.</param>
    /// <param name="bytesRead">Bytes read of it.</param>
    /// <exception cref="Errors.DeviceException">It can not be read.</exception>
    public static List<Extent>? Read(
        IBlockDevice store,
        long originBytes,
        out string obstacle,
        out long bytesRead
    )
    {
        bytesRead = BlockLayout.PageSizeBytes;
        if (ReadHeader(store, out obstacle) is not { } chunkBytes)
        {
            return null;
        }

        var area = new byte[chunkBytes];
        var entriesPerArea = chunkBytes / EntryLength;
        var chunks = new SortedSet<long>();
        for (var at = (long)chunkBytes; at + chunkBytes <= store.LengthBytes; )
        {
            store.Read(at, area);
            bytesRead += chunkBytes;
            for (var entry = 0; entry < area.Length; entry += EntryLength)
            {
                var old = BinaryPrimitives.ReadInt64LittleEndian(area.AsSpan(entry));
                var moved = BinaryPrimitives.ReadInt64LittleEndian(area.AsSpan(entry + sizeof(long)));
                if (moved == 0)
                {
                    return Join(chunks, chunkBytes, originBytes);
                }

                if (old < 0 || old >= (originBytes + chunkBytes - 1) / chunkBytes)
                {
                    obstacle = $"the exception store names chunk {old}, which is not in the volume";
                    return null;
                }

                chunks.Add(old);
            }

            at += (entriesPerArea + 1L) * chunkBytes;
        }

        return Join(chunks, chunkBytes, originBytes);
    }

    /// <summary>True if the header says that the snapshot is still whole.</summary>
    /// <exception cref="Errors.DeviceException">It can not be read.</exception>
    public static bool IsValid(IBlockDevice store) => ReadHeader(store, out _) is not null;

    private static int? ReadHeader(IBlockDevice store, out string obstacle)
    {
        obstacle = "";
        var page = new byte[BlockLayout.PageSizeBytes];
        store.Read(0, page.AsSpan(0, (int)Math.Min(page.Length, store.LengthBytes)));
        Span<uint> header = stackalloc uint[HeaderLength / sizeof(uint)];
        for (var i = 0; i < header.Length; i++)
        {
            header[i] = BinaryPrimitives.ReadUInt32LittleEndian(page.AsSpan(i * sizeof(uint)));
        }

        var chunkBytes = header[3] * (long)DeviceRange.SectorSizeBytes;
        obstacle =
            header[0] != Magic || header[2] != Version ? "the exception store is of an unknown form"
            : header[1] != 1 ? "the base snapshot ran full"
            : chunkBytes is < 4096 or > MaxChunkBytes || (chunkBytes & (chunkBytes - 1)) != 0
                ? $"the exception store has chunks of {chunkBytes} bytes"
            : "";
        return obstacle.Length == 0 ? (int)chunkBytes : null;
    }

    private static List<Extent> Join(SortedSet<long> chunks, int chunkBytes, long originBytes)
    {
        var extents = new List<Extent>();
        foreach (var chunk in chunks)
        {
            var offset = chunk * chunkBytes;
            var length = Math.Min(chunkBytes, originBytes - offset);
            if (extents.Count > 0 && extents[^1].EndBytes == offset)
            {
                extents[^1] = new Extent(extents[^1].OffsetBytes, extents[^1].LengthBytes + length);
            }
            else
            {
                extents.Add(new Extent(offset, length));
            }
        }

        return extents;
    }
}
