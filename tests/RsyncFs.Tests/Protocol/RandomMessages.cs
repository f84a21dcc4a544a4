using RsyncFs.Blocks;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;

namespace RsyncFs.Tests.Protocol;

/// <summary>Messages that are allowed, with content from a seed.</summary>
internal sealed class RandomMessages
{
    private static readonly string[] Names = ["a", "web-root", "", "Größe 7", "日本", "x/y:z"];

    private readonly Random _random;

    public RandomMessages(int seed)
    {
        _random = new Random(seed);
        var blockSizeBytes = 4096 << _random.Next(0, 11);
        var lengthBytes = 1 + _random.NextInt64(1L << _random.Next(13, 45));
        Format = new SessionFormat(
            new BlockLayout(lengthBytes, blockSizeBytes),
            _random.Next(2) == 0 ? 16 : 32
        );
    }

    public SessionFormat Format { get; }

    private BlockLayout Layout => Format.Layout;

    /// <summary>A request for a target, for a source of this shape.</summary>
    public OpenTarget OpenTarget(SetShape shape) =>
        new(Pick<Purpose>(), "db" + Name(), shape, Volume(), Coin(), Lineage());

    /// <summary>One message of each type.</summary>
    public IEnumerable<Message> OneOfEach()
    {
        yield return new Hello(3, 7, Name(), Name());
        yield return new Welcome((ushort)_random.Next(65536), Name(), Name());
        yield return new Refused("target-busy", Name(), "line\nbreak", Name(), Name());
        yield return OpenTarget(
            Coin() ? new SetShape(Layout.LengthBytes) : new SetShape(5, Layout.LengthBytes, 1)
        );
        yield return TargetState();
        yield return new BeginGeneration(Guid(), Guid(), Pick<Plan>(), Pick<ApplyMode>(), Time());
        var position = Position(Format.DigestLength);
        yield return new BeginGeneration(
            position.Generation,
            Guid(),
            Pick<Plan>(),
            Pick<ApplyMode>(),
            Time(),
            Coin(),
            position,
            _random.NextInt64(Layout.BlockCount + 1)
        );
        yield return new Durable(Guid());
        yield return new Codecs(CodecSet.Zstd);
        yield return new Credit(1 + _random.NextInt64(ProtocolLimits.CreditBytes));
        yield return new Checkpoint(_random.NextInt64(), Digest(), Coin());
        var firstGroup = _random.NextInt64(Layout.GroupCount);
        var groupCount = (int)Math.Min(1 + _random.Next(60), Layout.GroupCount - firstGroup);
        yield return new GroupDigests(firstGroup, Bytes(groupCount * Format.DigestLength));
        yield return new SignatureQuery(firstGroup, groupCount);
        yield return new Signatures(
            firstGroup,
            Bytes(Layout.BlockCountOf(firstGroup) * (4 + Format.DigestLength))
        );
        yield return new PageQuery(Blocks(ProtocolLimits.PageQueryBlockCount(Layout)));
        yield return new PageHashes(
            Block(),
            [.. Enumerable.Range(0, 1 + _random.Next(99)).Select(_ => (uint)_random.Next())]
        );
        yield return Delta();
        yield return new BlockRefused(Block());
        yield return new AuditQuery(Blocks(ProtocolLimits.AuditBlockCount));
        yield return new AuditDigests(Bytes((1 + _random.Next(64)) * Format.DigestLength));
        yield return new EndOfDelta(_random.NextInt64(), Digest(), Digest(), Coin());
        yield return new Applied(Guid(), _random.NextInt64(), _random.NextInt64());
        yield return new Heartbeat(Pick<SessionPhase>(), _random.NextInt64());
        yield return new Bye(_random.NextInt64());
        yield return new Again(_random.NextInt64());
    }

    /// <summary>Some records, ascending.</summary>
    public DeltaBatch Delta()
    {
        var records = new List<DeltaRecord>();
        var bytes = 0;
        for (var block = NextBlock(0); block < Layout.BlockCount && records.Count < 40; )
        {
            DeltaRecord record =
                _random.Next(4) == 0
                    ? new ZeroRun(block, 1 + _random.NextInt64(Math.Min(64, Layout.BlockCount - block)))
                    : Change(block);
            bytes += RsyncFs.Protocol.Messages.DeltaBatch.SizeOf(record, Format);
            if (records.Count > 0 && bytes > ProtocolLimits.DeltaRecordsBytes)
            {
                break;
            }

            records.Add(record);
            block = NextBlock(record.FirstBlock + record.BlockCount);
        }

        return new DeltaBatch(records);
    }

    private BlockChange Change(long block)
    {
        var pageCount = Layout.PageCountOf(block);
        var (written, zeroed) = (new PageBitmap(pageCount), new PageBitmap(pageCount));
        var copies = new List<CopyOp>();
        var kind = _random.Next(5);
        for (var page = 0; page < pageCount; page++)
        {
            switch (kind == 4 ? _random.Next(4) : kind)
            {
                case 0:
                    written.Add(page);
                    break;
                case 1:
                    zeroed.Add(page);
                    break;
                case 2:
                    var length = Layout.PageLengthOf(block, page);
                    copies.Add(new CopyOp(page, 1, _random.NextInt64(Layout.LengthBytes - length + 1)));
                    break;
                default:
                    break;
            }
        }

        if (written.IsEmpty && zeroed.IsEmpty && copies.Count == 0)
        {
            zeroed.Add(0);
        }

        var literalLength = BlockChange.LengthOf(Layout, block, written);
        var isCompressed = literalLength > 1 && Coin();
        var codec =
            !isCompressed ? CodecId.Raw
            : Coin() ? CodecId.Lz4
            : CodecId.Zstd;
        return new BlockChange(block, Digest())
        {
            WrittenPages = written.IsEmpty && Coin() ? null : written,
            ZeroedPages = zeroed.IsEmpty && Coin() ? null : zeroed,
            Copies = copies,
            Codec = codec,
            IsPatch = codec == CodecId.Lz4 && Coin(),
            Stored = Bytes(isCompressed ? 1 + _random.Next(literalLength - 1) : literalLength),
        };
    }

    private long NextBlock(long from) =>
        from == 0 ? _random.NextInt64(Layout.BlockCount) : from + _random.NextInt64(3);

    private TargetState TargetState()
    {
        var status = Pick<TargetStatus>();
        var isConsistent = status == TargetStatus.Consistent;
        var volume = Volume();
        var root = RsyncFs.Blocks.Digest.Read(Bytes(volume.Hash.DigestLength));
        return new TargetState(
            status,
            volume,
            isConsistent ? Guid() : default,
            isConsistent ? root : default,
            isConsistent && Coin(),
            Time(),
            Coin(),
            (ulong)_random.NextInt64(),
            Pick<ApplyMode>(),
            Coin() ? Position(volume.Hash.DigestLength) : default
        );
    }

    private DeltaPosition Position(int digestLength) =>
        new(Guid(), _random.NextInt64(), RsyncFs.Blocks.Digest.Read(Bytes(digestLength)));

    private SourceLineage Lineage() =>
        new(
            1 + (ulong)_random.NextInt64(),
            Guid(),
            Guid(),
            [.. Enumerable.Range(0, _random.Next(13)).Select(_ => Guid())]
        );

    private Volume Volume() =>
        new(
            Guid(),
            new StrongHash(Pick<HashAlgorithmId>(), (ulong)_random.NextInt64()),
            Layout.BlockSizeBytes
        );

    private long[] Blocks(int maxCount)
    {
        var blocks = new SortedSet<long>();
        for (var i = 0; i < Math.Min(maxCount, 50); i++)
        {
            blocks.Add(Block());
        }

        return [.. blocks];
    }

    private long Block() => _random.NextInt64(Layout.BlockCount);

    private Digest Digest() => RsyncFs.Blocks.Digest.Read(Bytes(Format.DigestLength));

    private DateTimeOffset Time() =>
        DateTimeOffset.FromUnixTimeMilliseconds(_random.NextInt64(253402300799999));

    private Guid Guid() => new(Bytes(16));

    private string Name() => Names[_random.Next(Names.Length)];

    private bool Coin() => _random.Next(2) == 0;

    private T Pick<T>()
        where T : struct, Enum => _random.GetItems(Enum.GetValues<T>(), 1)[0];

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }
}
