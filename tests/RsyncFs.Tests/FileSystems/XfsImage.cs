using System.Buffers.Binary;
using System.Text;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.FileSystems;

namespace RsyncFs.Tests.FileSystems;

/// <summary>
/// The metadata of a small XFS, written by hand: three groups of 512 blocks of 512 bytes, the last one short, a log of
/// 200 blocks in the second, a tree of two levels in the first. Change a field, then <see cref="Seal"/> it.
/// </summary>
internal sealed class XfsImage
{
    public const int BlockBytes = 512;
    public const int GroupBlocks = 512;
    public const int LastGroupBlocks = 400;
    public const int BlockCount = (2 * GroupBlocks) + LastGroupBlocks;
    public const int LogSectors = 200;
    public const int LogBlock = 300;
    public const int LogAt = (GroupBlocks + LogBlock) * BlockBytes;
    public const int RootBlock = 4;
    public const int FirstLeaf = 6;
    public const int SecondLeaf = 9;
    public const int HeaderBlocks = 4;
    public const uint Cycle = 7;

    private static readonly byte[] Uuid = Encoding.ASCII.GetBytes("uuid of an image");

    /// <summary>Lays it out; the log is all of the cycle before, with nothing in it that has a meaning.</summary>
    public XfsImage(bool hasChecksums)
    {
        HasChecksums = hasChecksums;
        Put("XFSB", 0);
        Put32(4, BlockBytes);
        Put64(8, BlockCount);
        Uuid.CopyTo(Bytes, 32);
        Put64(48, GroupBlocks + LogBlock);
        Put32(84, GroupBlocks);
        Put32(88, 3);
        Put32(96, LogSectors);
        Put16(100, (ushort)(hasChecksums ? 0xB4A5 : 0xB4A4));
        Put16(102, BlockBytes);
        Bytes[120] = 9;
        Bytes[121] = 9;
        Bytes[124] = 9;
        Group(0, GroupBlocks, levelCount: 2, freeCount: 5 + 100 + 12);
        Group(1, GroupBlocks, levelCount: 1, freeCount: 60);
        Group(2, LastGroupBlocks, levelCount: 1, freeCount: 0);
        Node(0, RootBlock, (20, FirstLeaf), (200, SecondLeaf));
        Leaf(0, FirstLeaf, (20, 5), (50, 100));
        Leaf(0, SecondLeaf, (200, 12));
        Leaf(1, RootBlock, (10, 60));
        Leaf(2, RootBlock);
        for (var sector = 0; sector < LogSectors; sector++)
        {
            Put32(LogAt + (sector * 512), Cycle - 1);
        }

        Seal();
    }

    public byte[] Bytes { get; } = new byte[BlockCount * BlockBytes];

    public bool HasChecksums { get; }

    /// <summary>What must be called free.</summary>
    public static IReadOnlyList<Extent> Free { get; } =
    [Blocks(20, 5), Blocks(50, 100), Blocks(200, 12), Blocks(GroupBlocks + 10, 60)];

    private int TreeHeaderBytes => HasChecksums ? 56 : 16;

    /// <summary>One that was unmounted.</summary>
    public static XfsImage Unmounted(bool hasChecksums)
    {
        var image = new XfsImage(hasChecksums);
        image.Record(0, Cycle, tail: 0, XfsLogText.Unmount);
        return image;
    }

    public static Extent Blocks(int first, int count) => new(first * BlockBytes, count * BlockBytes);

    public static int At(int group, int block) => ((group * GroupBlocks) + block) * BlockBytes;

    public FreeSpaceMap Find() =>
        FreeSpace.Find(new MemoryBlockDevice(Bytes), witness: null, CancellationToken.None);

    /// <summary>A leaf of the free space tree.</summary>
    public void Leaf(int group, int block, params (int Start, int Count)[] runs)
    {
        Tree(group, block, level: 0, runs.Length);
        for (var i = 0; i < runs.Length; i++)
        {
            Put32(At(group, block) + TreeHeaderBytes + (8 * i), (uint)runs[i].Start);
            Put32(At(group, block) + TreeHeaderBytes + (8 * i) + 4, (uint)runs[i].Count);
        }
    }

    /// <summary>A block above leaves.</summary>
    public void Node(int group, int block, params (int Start, int Pointer)[] children)
    {
        Tree(group, block, level: 1, children.Length);
        var maxCount = (BlockBytes - TreeHeaderBytes) / 12;
        for (var i = 0; i < children.Length; i++)
        {
            Put32(At(group, block) + TreeHeaderBytes + (8 * i), (uint)children[i].Start);
            Put32(At(group, block) + TreeHeaderBytes + (8 * maxCount) + (4 * i), (uint)children[i].Pointer);
        }
    }

    /// <summary>The header of a group's free space.</summary>
    public void Group(int number, int length, int levelCount, int freeCount)
    {
        var at = At(number, 1);
        Put("XAGF", at);
        Put32(at + 4, 1);
        Put32(at + 8, (uint)number);
        Put32(at + 12, (uint)length);
        Put32(at + 16, RootBlock);
        Put32(at + 28, (uint)levelCount);
        Put32(at + 52, (uint)freeCount);
        Uuid.CopyTo(Bytes, at + 64);
    }

    /// <summary>Makes the checksums right for what is there.</summary>
    public void Seal()
    {
        if (!HasChecksums)
        {
            return;
        }

        Sum(0, 224);
        for (var group = 0; group < 3; group++)
        {
            Sum(At(group, 1), 216);
            foreach (var block in new[] { RootBlock, FirstLeaf, SecondLeaf })
            {
                Sum(At(group, block), 52);
            }
        }
    }

    /// <summary>Writes a log record, and gives the sector behind it.</summary>
    public int Record(int sector, uint cycle, int tail, params byte[][] operations)
    {
        var text = operations.SelectMany(bytes => bytes).ToArray();
        var count = (text.Length + 511) / 512;
        var record = new byte[(1 + count) * 512];
        text.CopyTo(record, 512);
        void Big(int at, uint value) => BinaryPrimitives.WriteUInt32BigEndian(record.AsSpan(at), value);
        Big(0, 0xFEEDBABE);
        Big(4, cycle);
        Big(8, 2);
        Big(12, (uint)(count * 512));
        Big(16, cycle);
        Big(20, (uint)sector);
        Big(24, tail <= sector ? cycle : cycle - 1);
        Big(28, (uint)tail);
        Big(40, (uint)operations.Length);
        Big(300, 1);
        Uuid.CopyTo(record, 304);
        Big(320, 32768);
        for (var i = 0; i < count; i++)
        {
            record.AsSpan(512 * (1 + i), 4).CopyTo(record.AsSpan(44 + (4 * i)));
            Big(512 * (1 + i), sector + 1 + i < LogSectors ? cycle : cycle + 1);
        }

        var sum = ~MetadataChecksum.Crc32C(
            MetadataChecksum.Crc32CAround(uint.MaxValue, record.AsSpan(0, 328), 32),
            record.AsSpan(512)
        );
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(32), sum);
        for (var i = 0; i < record.Length / 512; i++)
        {
            record.AsSpan(i * 512, 512).CopyTo(Bytes.AsSpan(LogAt + ((sector + i) % LogSectors * 512)));
        }

        return (sector + 1 + count) % LogSectors;
    }

    public void Put32(int at, uint value) => BinaryPrimitives.WriteUInt32BigEndian(Bytes.AsSpan(at), value);

    public void Put16(int at, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Bytes.AsSpan(at), value);

    private void Tree(int group, int block, int level, int count)
    {
        var at = At(group, block);
        Bytes.AsSpan(at, BlockBytes).Clear();
        Put(HasChecksums ? "AB3B" : "ABTB", at);
        Put16(at + 4, (ushort)level);
        Put16(at + 6, (ushort)count);
        Put32(at + 8, uint.MaxValue);
        Put32(at + 12, uint.MaxValue);
        if (HasChecksums)
        {
            Put64(at + 16, (ulong)(at / 512));
            Uuid.CopyTo(Bytes, at + 32);
            Put32(at + 48, (uint)group);
        }
    }

    private void Sum(int at, int checksumAt)
    {
        var sum = ~MetadataChecksum.Crc32CAround(uint.MaxValue, Bytes.AsSpan(at, BlockBytes), checksumAt);
        BinaryPrimitives.WriteUInt32LittleEndian(Bytes.AsSpan(at + checksumAt), sum);
    }

    private void Put64(int at, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Bytes.AsSpan(at), value);

    private void Put(string text, int at) => Encoding.ASCII.GetBytes(text).CopyTo(Bytes, at);
}
