using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Linux.Native;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;

namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>
/// What is the same on all machines of one case, whatever became of them: the volume, the sender's memory, and where
/// randomness comes from. Small devices and few changes leave more states in a second, and shorter stories of failures.
/// </summary>
internal sealed class World
{
    private readonly Dictionary<Guid, Generation> _generations = [];
    private readonly Dictionary<Guid, Delta> _deltas = [];
    private readonly int _size;

    /// <summary>A world of <paramref name="size"/> 0 (smallest) to 3, the same for the same <paramref name="seed"/>, with a device of about <paramref name="smallestBytes"/> at least.</summary>
    public World(ulong seed, int size, long smallestBytes, LaboratoryCount count, bool isTraced)
    {
        _size = size;
        Count = count;
        IsTraced = isTraced;
        Chance = new Chance(seed);
        var random = new SeededRandomNumbers((int)Chance.NextNumber());
        Services = new Services(new Lz4Codec(), new ManualClock(), random);
        var isLarge = size == 3 && Chance.OneIn(64);
        var blockSize = BlockLayout.MinBlockSizeBytes << (isLarge ? 0 : Chance.Below(2));
        var blockCount = isLarge ? BlockLayout.BlocksPerGroup + 2 : 3 + Chance.Below(2 + (4 * size));
        blockCount = Math.Max(blockCount, (int)(smallestBytes / blockSize));
        var tail = Chance.Below(3) switch
        {
            0 => 0,
            1 => 512 * (1 + Chance.Below(7)),
            _ => 1 + Chance.Below(blockSize - 1),
        };
        var algorithm = Chance.OneIn(8) ? HashAlgorithmId.Sha256 : HashAlgorithmId.XxHash128;
        var hash = new StrongHash(algorithm, algorithm == HashAlgorithmId.Sha256 ? 0 : Chance.NextNumber());
        Volume = new Volume(Services.NewId(), hash, blockSize);
        Hasher = new BlockHasher(new BlockLayout((blockCount * blockSize) + tail, blockSize), hash);
    }

    /// <summary>What the story is made of.</summary>
    public Chance Chance { get; }

    public Services Services { get; }

    public Volume Volume { get; }

    public BlockHasher Hasher { get; }

    public BlockLayout Layout => Hasher.Layout;

    public LaboratoryCount Count { get; }

    /// <summary>True if every operation is written down.</summary>
    public bool IsTraced { get; }

    /// <summary>What the receiver allows.</summary>
    public TargetPolicy Policy { get; set; } =
        new(InitPolicy.Allowed, () => null) { WritesUnderWay = 1, KeepFreeBytes = 0 };

    /// <summary>The generation of that id; null if no sender made it.</summary>
    public Generation? Find(Guid id) => _generations.GetValueOrDefault(id);

    /// <summary>The delta by which a generation was last sent.</summary>
    public Delta? FindDelta(Guid id) => _deltas.GetValueOrDefault(id);

    public void Remember(Delta delta) => _deltas[delta.Generation.Id] = delta;

    /// <summary>A generation of these bytes.</summary>
    public Generation NewGeneration(byte[] image)
    {
        var generation = new Generation(Services.NewId(), image, RootOf(image));
        _generations[generation.Id] = generation;
        return generation;
    }

    /// <summary>Random bytes for the whole device, some blocks of them zeros.</summary>
    public byte[] NewImage()
    {
        var image = new byte[Layout.LengthBytes];
        Chance.Fill(image);
        for (var block = 0; block < Layout.BlockCount; block++)
        {
            if (Chance.OneIn(5))
            {
                BytesOf(image, block).Clear();
            }
        }

        return image;
    }

    /// <summary>The same bytes after a few changes, at least one.</summary>
    public byte[] Changed(byte[] image, Chance chance)
    {
        var changed = image.ToArray();
        do
        {
            for (var left = 1 + chance.Below(1 + (2 * _size)); left > 0; left--)
            {
                Change(changed, chance.Below((int)Layout.BlockCount), chance);
            }
        } while (changed.AsSpan().SequenceEqual(image));

        return changed;
    }

    /// <summary>The bytes of a block.</summary>
    public Span<byte> BytesOf(byte[] image, long block) =>
        image.AsSpan((int)Layout.OffsetOf(block), Layout.LengthOf(block));

    private void Change(byte[] image, int block, Chance chance)
    {
        var bytes = BytesOf(image, block);
        var page = chance.Below(Layout.PageCountOf(block)) * BlockLayout.PageSizeBytes;
        var pageBytes = bytes[page..Math.Min(bytes.Length, page + BlockLayout.PageSizeBytes)];
        switch (chance.Below(6))
        {
            case 0:
                chance.Fill(bytes);
                break;
            case 1:
                pageBytes.Clear();
                break;
            case 2:
                for (var run = 1 + chance.Below(3); run > 0 && block < Layout.BlockCount; run--)
                {
                    BytesOf(image, block++).Clear();
                }

                break;
            case 3:
                // Content that moved, to be sent as a copy.
                var from = chance.Below(image.Length - pageBytes.Length + 1);
                image.AsSpan(from, pageBytes.Length).ToArray().CopyTo(pageBytes);
                break;
            case 4:
                // An edit, to be sent as a patch.
                chance.Fill(pageBytes[..Math.Min(pageBytes.Length, 40)]);
                break;
            default:
                chance.Fill(pageBytes);
                break;
        }
    }

    private Digest RootOf(byte[] image)
    {
        var entries = new byte[Layout.BlockCount * Hasher.EntryLength];
        Hasher.WriteEntries(0, image, entries);
        var groups = new byte[Layout.GroupCount * Hasher.Hash.DigestLength];
        for (var group = 0; group < Layout.GroupCount; group++)
        {
            var first = (int)BlockLayout.FirstBlockOf(group) * Hasher.EntryLength;
            var length = Layout.BlockCountOf(group) * Hasher.EntryLength;
            Hasher
                .ComputeGroup(entries.AsSpan(first, length))
                .Write(groups.AsSpan(group * Hasher.Hash.DigestLength, Hasher.Hash.DigestLength));
        }

        return Hasher.Hash.Compute(groups);
    }
}
