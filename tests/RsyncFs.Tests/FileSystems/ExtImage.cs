using System.Buffers.Binary;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.FileSystems;

namespace RsyncFs.Tests.FileSystems;

/// <summary>
/// The metadata of a small ext4, written by hand: six groups of 256 blocks of 1 KiB, the bitmaps and inode tables of
/// all of them in the first (flex_bg), some blocks in use in each. Change a field, then <see cref="Seal"/> it.
/// </summary>
internal sealed class ExtImage
{
    public const int BlockBytes = 1024;
    public const int GroupCount = 6;
    public const int BlocksPerGroup = 256;
    public const int BlockCount = 1 + (GroupCount * BlocksPerGroup);
    public const int SuperblockAt = 1024;
    public const int DescriptorsAt = 2048;
    public const int BitmapsAt = 3 * BlockBytes;

    private const int InodesPerGroup = 16;
    private const int InodeTableBlocks = 2;
    private const int FirstInodeBitmap = 3 + GroupCount;
    private const int FirstInodeTable = FirstInodeBitmap + GroupCount;
    private const int FirstFree = FirstInodeTable + (GroupCount * InodeTableBlocks);

    private readonly int _descriptorBytes;

    /// <summary>Lays it out, with the ro_compat features that say which checksums it has, and 64 bits or not.</summary>
    public ExtImage(uint roCompat, bool is64Bit, int extraBytes = 0)
    {
        Bytes = new byte[(BlockCount * BlockBytes) + extraBytes];
        RoCompat = roCompat;
        _descriptorBytes = is64Bit ? 64 : 32;
        Set32(0x00, GroupCount * InodesPerGroup);
        Set32(0x04, BlockCount);
        Set32(0x14, 1);
        Set32(0x20, BlocksPerGroup);
        Set32(0x24, BlocksPerGroup);
        Set32(0x28, InodesPerGroup);
        Set16(0x38, 0xEF53);
        Set16(0x3A, 1);
        Set32(0x4C, 1);
        Set16(0x58, 128);
        Set32(0x5C, 0x4);
        Set32(0x60, 0x242u | (is64Bit ? 0x80u : 0));
        Set32(0x64, roCompat | 1);
        for (var i = 0; i < 16; i++)
        {
            Bytes[SuperblockAt + 0x68 + i] = (byte)(i + 1);
        }

        Set32(0xE0, 8);
        Set16(0xFE, (ushort)(is64Bit ? 64 : 0));
        Bytes[SuperblockAt + 0x175] = 1;
        for (var group = 0; group < GroupCount; group++)
        {
            Put32(DescriptorAt(group), (uint)(3 + group));
            Put32(DescriptorAt(group) + 4, (uint)(FirstInodeBitmap + group));
            Put32(DescriptorAt(group) + 8, (uint)(FirstInodeTable + (group * InodeTableBlocks)));
        }

        Use(1, FirstFree - 1);
        foreach (var group in new[] { 1, 3, 5 })
        {
            // Copies of the superblock, of the descriptors.
            Use(FirstBlockOf(group), 2);
        }

        Use(100, 7);
        Use(FirstBlockOf(1) + 50, 100);
        Use(FirstBlockOf(3) + 255, 1);
        Use(FirstBlockOf(4), 1);
        Seal();
    }

    public byte[] Bytes { get; }

    public uint RoCompat { get; }

    /// <summary>What must be called free.</summary>
    public static IReadOnlyList<Extent> Free { get; } =
    [
        Blocks(FirstFree, 100 - FirstFree),
        Blocks(107, 257 - 107),
        Blocks(FirstBlockOf(1) + 2, 48),
        Blocks(FirstBlockOf(1) + 150, 106 + 256),
        Blocks(FirstBlockOf(3) + 2, 253),
        Blocks(FirstBlockOf(4) + 1, 255),
        Blocks(FirstBlockOf(5) + 2, 254),
    ];

    public static int FirstBlockOf(int group) => 1 + (group * BlocksPerGroup);

    public static Extent Blocks(int first, int count) => new(first * BlockBytes, count * BlockBytes);

    public int DescriptorAt(int group) => DescriptorsAt + (group * _descriptorBytes);

    public static int BitmapAt(int group) => BitmapsAt + (group * BlockBytes);

    public void Set32(int at, uint value) => Put32(SuperblockAt + at, value);

    public void Set16(int at, ushort value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(Bytes.AsSpan(SuperblockAt + at), value);

    public void Put32(int at, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(Bytes.AsSpan(at), value);

    /// <summary>Marks blocks as used in the bitmap of their group.</summary>
    public void Use(int first, int count)
    {
        for (var block = first; block < first + count; block++)
        {
            var (group, bit) = ((block - 1) / BlocksPerGroup, (block - 1) % BlocksPerGroup);
            Bytes[BitmapAt(group) + (bit / 8)] |= (byte)(1 << (bit % 8));
        }
    }

    /// <summary>Says that a group's bitmap was never written, and fills it with ones that count for nothing.</summary>
    public void ForgetBitmap(int group)
    {
        Bytes[DescriptorAt(group) + 0x12] |= 2;
        Bytes.AsSpan(BitmapAt(group), BlockBytes).Fill(0xFF);
    }

    /// <summary>Makes counts and checksums right for what is there.</summary>
    public void Seal()
    {
        Span<byte> number = stackalloc byte[4];
        var hasWide = (RoCompat & 0x400) != 0;
        var seed = MetadataChecksum.Crc32C(uint.MaxValue, Bytes.AsSpan(SuperblockAt + 0x68, 16));
        for (var group = 0; group < GroupCount; group++)
        {
            var bitmap = Bytes.AsSpan(BitmapAt(group), BlocksPerGroup / 8);
            var descriptor = Bytes.AsSpan(DescriptorAt(group), _descriptorBytes);
            BinaryPrimitives.WriteInt32LittleEndian(number, group);
            if ((descriptor[0x12] & 2) == 0)
            {
                var free = BlocksPerGroup;
                foreach (var bits in bitmap)
                {
                    free -= System.Numerics.BitOperations.PopCount(bits);
                }

                BinaryPrimitives.WriteUInt16LittleEndian(descriptor[0x0C..], (ushort)free);
            }

            if (hasWide)
            {
                var sum = MetadataChecksum.Crc32C(seed, bitmap);
                BinaryPrimitives.WriteUInt16LittleEndian(descriptor[0x18..], (ushort)sum);
                if (_descriptorBytes == 64)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(descriptor[0x38..], (ushort)(sum >> 16));
                }
            }

            descriptor.Slice(0x1E, 2).Clear();
            ushort checksum = 0;
            if (hasWide)
            {
                checksum = (ushort)MetadataChecksum.Crc32C(MetadataChecksum.Crc32C(seed, number), descriptor);
            }
            else if ((RoCompat & 0x10) != 0)
            {
                checksum = MetadataChecksum.Crc16(ushort.MaxValue, Bytes.AsSpan(SuperblockAt + 0x68, 16));
                checksum = MetadataChecksum.Crc16(checksum, number);
                checksum = MetadataChecksum.Crc16(checksum, descriptor[..0x1E]);
                checksum = MetadataChecksum.Crc16(checksum, descriptor[0x20..]);
            }

            BinaryPrimitives.WriteUInt16LittleEndian(descriptor[0x1E..], checksum);
        }

        if (hasWide)
        {
            Set32(0x3FC, MetadataChecksum.Crc32C(uint.MaxValue, Bytes.AsSpan(SuperblockAt, 0x3FC)));
        }
    }

    public FreeSpaceMap Find() =>
        FreeSpace.Find(new MemoryBlockDevice(Bytes), witness: null, CancellationToken.None);
}
