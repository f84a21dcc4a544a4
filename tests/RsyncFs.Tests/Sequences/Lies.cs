using RsyncFs.Blocks;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;

namespace RsyncFs.Tests.Sequences;

/// <summary>Messages as they are, but for one field.</summary>
internal static class Lies
{
    /// <summary>All fields of <paramref name="message"/>, each with a function that lies about it.</summary>
    public static Func<Message>[] Of(Message message, Falsehoods lie) =>
        message switch
        {
            Hello m =>
            [
                () => m with { MinVersion = lie.Version() },
                () => m with { MaxVersion = lie.Version() },
                () => m with { Node = lie.Text() },
            ],
            Welcome m => [() => m with { Version = lie.Version() }, () => m with { Node = lie.Text() }],
            Refused m => [() => m with { Text = lie.Text() }],
            OpenTarget m => OfOpen(m, lie),
            TargetState m => OfState(m, lie),
            BeginGeneration m => OfBegin(m, lie),
            Credit m => [() => new Credit(lie.Number(m.Bytes))],
            Checkpoint m =>
            [
                () => m with { RecordCount = lie.Number(m.RecordCount) },
                () => m with { Chain = lie.Digest(m.Chain) },
                () => m with { IsDurable = lie.Flag },
            ],
            GroupDigests m =>
            [
                () => m with { FirstGroup = lie.Number(m.FirstGroup) },
                () => m with { Digests = lie.Bytes(m.Digests) },
            ],
            SignatureQuery m =>
            [
                () => m with { FirstGroup = lie.Number(m.FirstGroup) },
                () => m with { GroupCount = lie.Number(m.GroupCount) },
            ],
            Signatures m =>
            [
                () => m with { Group = lie.Number(m.Group) },
                () => m with { Entries = lie.Bytes(m.Entries) },
            ],
            PageQuery m => [() => new PageQuery(lie.List(m.Blocks, lie.Number))],
            PageHashes m =>
            [
                () => m with { FirstBlock = lie.Number(m.FirstBlock) },
                () => m with { Hashes = lie.List(m.Hashes, hash => hash ^ 1) },
            ],
            AuditQuery m => [() => new AuditQuery(lie.List(m.Blocks, lie.Number))],
            AuditDigests m => [() => new AuditDigests(lie.Bytes(m.Digests))],
            BlockRefused m => [() => new BlockRefused(lie.Number(m.BlockIndex))],
            DeltaBatch m => [() => new DeltaBatch(lie.List(m.Records, record => OfRecord(record, lie)))],
            EndOfDelta m =>
            [
                () => m with { RecordCount = lie.Number(m.RecordCount) },
                () => m with { Chain = lie.Digest(m.Chain) },
                () => m with { Root = lie.Digest(m.Root) },
                () => m with { IsFuzzy = lie.Flag },
            ],
            Durable => [() => new Durable(lie.Id())],
            Applied m =>
            [
                () => m with { Generation = lie.Id() },
                () => m with { BytesRead = lie.Number(m.BytesRead) },
                () => m with { BytesWritten = lie.Number(m.BytesWritten) },
            ],
            Heartbeat m =>
            [
                () => m with { Phase = lie.Choice<SessionPhase>() },
                () => m with { Progress = lie.Number(m.Progress) },
            ],
            Bye m => [() => new Bye(lie.Number(m.BytesRead)), () => new Again(lie.Number(m.BytesRead))],
            _ => [() => message],
        };

    private static Func<Message>[] OfOpen(OpenTarget m, Falsehoods lie) =>
        [
            () => m with { Purpose = lie.Choice<Purpose>() },
            () => m with { Target = lie.Text() },
            () => m with { Shape = new SetShape(lie.Number(m.Shape.LengthBytes)) },
            () => m with { Shape = new SetShape(m.Shape.LengthBytes, m.Shape.LengthBytes) },
            () => m with { Volume = OfVolume(m.Volume, lie) },
            () => m with { IsNewVolume = lie.Flag },
            () => m with { Lineage = m.Lineage with { Epoch = lie.Epoch() } },
            () => m with { Lineage = m.Lineage with { Cursor = lie.Id() } },
            () => m with { Lineage = m.Lineage with { Proposed = lie.Id() } },
            () => m with { Lineage = m.Lineage with { Ancestors = [.. Recording.Ids.Take(lie.Below(14))] } },
        ];

    private static Func<Message>[] OfState(TargetState m, Falsehoods lie) =>
        [
            () => m with { Status = lie.Choice<TargetStatus>() },
            () => m with { Volume = OfVolume(m.Volume, lie) },
            () => m with { Generation = lie.Id() },
            () => m with { Root = lie.Digest(m.Root) },
            () => m with { IsMapTrusted = lie.Flag },
            () => m with { DataTime = lie.Time() },
            () => m with { IsFuzzy = lie.Flag },
            () => m with { Epoch = lie.Epoch() },
            () => m with { Mode = lie.Choice<ApplyMode>() },
            () => m with { Partial = lie.Position(m.Partial) },
        ];

    private static Func<Message>[] OfBegin(BeginGeneration m, Falsehoods lie) =>
        [
            () => m with { Generation = lie.Id() },
            () => m with { Parent = lie.Id() },
            () => m with { Plan = lie.Choice<Plan>() },
            () => m with { ApplyMode = lie.Choice<ApplyMode>() },
            () => m with { DataTime = lie.Time() },
            () => m with { ReadsTarget = lie.Flag },
            () => m with { Resumed = lie.Position(m.Resumed) },
            () => m with { FirstBlock = lie.Number(m.FirstBlock) },
        ];

    private static Volume OfVolume(Volume right, Falsehoods lie) =>
        lie.Below(4) switch
        {
            0 => right with { Id = lie.Id() },
            1 => right with { Hash = right.Hash with { Seed = right.Hash.Seed ^ 1 } },
            2 => right with { Hash = right.Hash with { Algorithm = lie.Choice<HashAlgorithmId>() } },
            _ => right with { BlockSizeBytes = lie.Number(2 * right.BlockSizeBytes) },
        };

    private static DeltaRecord OfRecord(DeltaRecord right, Falsehoods lie)
    {
        if (right is not BlockChange change)
        {
            return lie.Flag
                ? new ZeroRun(lie.Number(right.FirstBlock), right.BlockCount)
                : new ZeroRun(right.FirstBlock, lie.Number(right.BlockCount));
        }

        CopyOp copy = new(lie.Number(0), lie.Number(1), lie.Number(BlockLayout.PageSizeBytes));
        return lie.Below(9) switch
        {
            0 => new ZeroRun(right.FirstBlock, lie.Number(1L)),
            1 => OfChange(change, lie.Number(change.FirstBlock), change.Digest),
            2 => OfChange(change, change.FirstBlock, lie.Digest(change.Digest)),
            3 => change with { Codec = lie.Choice<CodecId>() },
            4 => change with { IsPatch = !change.IsPatch },
            5 => change with { Stored = lie.Bytes(change.Stored) },
            6 => change with { Copies = [.. change.Copies, copy] },
            7 => change with { Copies = [copy], WrittenPages = null, Stored = default },
            _ => change with { ZeroedPages = change.WrittenPages, WrittenPages = change.ZeroedPages },
        };
    }

    private static BlockChange OfChange(BlockChange right, long block, Digest digest) =>
        new(block, digest)
        {
            WrittenPages = right.WrittenPages,
            ZeroedPages = right.ZeroedPages,
            Copies = right.Copies,
            Codec = right.Codec,
            IsPatch = right.IsPatch,
            Stored = right.Stored,
        };
}
