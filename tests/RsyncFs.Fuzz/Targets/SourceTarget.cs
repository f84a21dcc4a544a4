using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Fuzz.Sessions;
using RsyncFs.Sources;

namespace RsyncFs.Fuzz.Targets;

/// <summary>What a sender remembers of a source.</summary>
internal sealed class SourceTarget : FuzzTarget
{
    private const string FileName = "source";

    /// <inheritdoc/>
    public override string Name => "source";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Covers =>
        [
            "RsyncFs.Sources.SourceState",
            "RsyncFs.Sources.DestinationRecord",
            "RsyncFs.Sources.DestinationState",
            "RsyncFs.Sources.ResumePoint",
            "RsyncFs.Sources.BaseSnapshot",
            "RsyncFs.Devices.EvidenceFields",
            "RsyncFs.State.DurableRecord",
        ];

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Words => ["RSFSSRC2"u8.ToArray()];

    /// <inheritdoc/>
    protected override bool IsDocumented(Exception failure) => failure is StateException;

    /// <inheritdoc/>
    public override IEnumerable<byte[]> Seeds()
    {
        var directory = new MemoryDirectory();
        var source = SourceState.Load(directory);
        source.Become(
            new Volume(Id(1), new StrongHash(HashAlgorithmId.XxHash128, 2), 4096),
            3,
            [Id(4), Id(5)]
        );
        yield return directory.ContentOf(FileName);
        var evidence = new ChangeEvidence("device", 6, "stamp");
        var point = new ResumePoint(
            new DeltaPosition(Id(7), 8, new Digest(9, 10)),
            Id(11),
            12,
            Plan.Digest,
            DateTimeOffset.UnixEpoch,
            evidence
        );
        source.Update(
            new DestinationRecord(Id(13))
            {
                Cursor = Id(14),
                Proposed = Id(15),
                Resume = point,
            }
        );
        source.ProposeBase(new BaseSnapshot(Id(15), evidence));
        source.Update(new DestinationRecord(Id(16)) { Cursor = Id(17) });
        yield return directory.ContentOf(FileName);
        source.AcknowledgeBase(Id(15), new BaseSnapshot(Id(15), evidence));
        source.RememberSnapshotBytes(18);
        yield return directory.ContentOf(FileName);
        source.Retire();
        yield return directory.ContentOf(FileName);
    }

    /// <inheritdoc/>
    public override byte[] Fix(byte[] input)
    {
        RecordFile.Fix(input);
        return input;
    }

    /// <inheritdoc/>
    public override void Read(byte[] input)
    {
        var directory = MemoryDirectory.Of(FileName, input);
        var source = SourceState.Load(directory);
        _ = source.Made.Count + source.KeptSnapshots.Count;
        _ = source.At("t").Lineage;
        source.RememberSnapshotBytes(source.SnapshotBytes);
        var once = directory.ContentOf(FileName);
        var again = SourceState.Load(directory);
        again.RememberSnapshotBytes(again.SnapshotBytes);
        Require(
            directory.ContentOf(FileName).AsSpan().SequenceEqual(once),
            "what was saved is not what is read"
        );
    }

    private static Guid Id(byte number) => new(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
