using System.Buffers.Binary;

namespace RsyncFs.Tests.FileSystems;

/// <summary>Operations as they stand in records of an XFS log.</summary>
internal static class XfsLogText
{
    private const uint Transaction = 0x1234;
    private const ushort BufferItem = 0x123C;
    private const ushort InodeItem = 0x123B;

    /// <summary>What an unmount writes.</summary>
    public static byte[] Unmount => Operation(client: 0xAA, flags: 0x20, "nU\0\0\0\0\0\0"u8);

    /// <summary>A transaction that logs the superblock: what a freeze writes.</summary>
    public static byte[][] Superblock => Buffer(sector: 0);

    /// <summary>A transaction that logs some other block.</summary>
    public static byte[][] OtherBlock => Buffer(sector: 2);

    /// <summary>A transaction that logs an inode.</summary>
    public static byte[][] Inode => [Start, Header, Item(InodeItem, sector: 0), Data(), Commit];

    public static byte[] Start => Operation(client: 0x69, flags: 1, []);

    public static byte[] Commit => Operation(client: 0x69, flags: 2, []);

    public static byte[] Header => Operation(client: 0x69, flags: 0, "NART\x28\0\0\0\0\0\0\0\x02\0\0\0"u8);

    private static byte[][] Buffer(long sector) => [Start, Header, Item(BufferItem, sector), Data(), Commit];

    private static byte[] Item(ushort type, long sector)
    {
        var item = new byte[24];
        BinaryPrimitives.WriteUInt16LittleEndian(item, type);
        BinaryPrimitives.WriteUInt16LittleEndian(item.AsSpan(2), 2);
        BinaryPrimitives.WriteUInt16LittleEndian(item.AsSpan(6), 1);
        BinaryPrimitives.WriteInt64LittleEndian(item.AsSpan(8), sector);
        BinaryPrimitives.WriteUInt32LittleEndian(item.AsSpan(16), 1);
        return Operation(client: 0x69, flags: 0, item);
    }

    private static byte[] Data() => Operation(client: 0x69, flags: 0, new byte[384]);

    private static byte[] Operation(byte client, byte flags, ReadOnlySpan<byte> data)
    {
        var operation = new byte[12 + data.Length];
        BinaryPrimitives.WriteUInt32BigEndian(operation, Transaction);
        BinaryPrimitives.WriteUInt32BigEndian(operation.AsSpan(4), (uint)data.Length);
        operation[8] = client;
        operation[9] = flags;
        data.CopyTo(operation.AsSpan(12));
        return operation;
    }
}
