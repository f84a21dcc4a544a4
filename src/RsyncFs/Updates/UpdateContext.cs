using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Targets;

namespace RsyncFs.Updates;

/// <summary>What every way of updating a target needs.</summary>
/// <param name="Target">The target.</param>
/// <param name="Volume">The volume of the session.</param>
/// <param name="Hasher">Its layout and hash.</param>
/// <param name="Epoch">The epoch of the sender.</param>
/// <param name="Start">The generation to come.</param>
/// <param name="Evidence">The device's write evidence from before the target was read.</param>
internal sealed record UpdateContext(
    Target Target,
    Volume Volume,
    BlockHasher Hasher,
    ulong Epoch,
    GenerationStart Start,
    ChangeEvidence Evidence
)
{
    private readonly long _sectorsBefore = Target.Device.SectorsWritten;

    /// <summary>So many blocks must come before the delta is whole: all of them where nothing is compared.</summary>
    public long RequiredBlocks { get; init; }

    /// <summary>See <see cref="Admission.IsFirstCopy"/>.</summary>
    public bool IsFirstCopy { get; init; }

    /// <summary>
    /// True once the delta had zeros on a device where they may be counted twice: then a count that is too high proves
    /// nothing against anybody, and the target is read the next time instead of being believed.
    /// </summary>
    public bool HasZeroed { get; private set; }

    /// <summary>Takes note of zeros in the delta.</summary>
    public void NoteZeros() => HasZeroed |= Target.Device.MayCountZeroingTwice;

    /// <summary>
    /// The device's write evidence of now, if nobody wrote the target beside us since the session began (C2), else
    /// null. Where nothing counts sectors (an image), only that it is the same file can be told. What a map is sealed
    /// with must be what was checked: between two readings somebody may write.
    /// </summary>
    public ChangeEvidence? ReadEvidenceIfOurs()
    {
        var evidence = Target.Device.ReadEvidence();
        return evidence.Follows(Evidence, Target.Device.SectorsWritten - _sectorsBefore) ? evidence : null;
    }

    /// <summary>Every block that must come has come.</summary>
    /// <exception cref="ProtocolException">One has not.</exception>
    public void EnsureComplete(long stagedBlocks)
    {
        if (stagedBlocks < RequiredBlocks)
        {
            throw new ProtocolException(
                $"a whole copy of {RequiredBlocks} blocks ended after {stagedBlocks}"
            );
        }
    }

    /// <summary>The target must still be at the generation that this one is made of (C9).</summary>
    /// <exception cref="ProtocolException">It is not. Nothing was written.</exception>
    public void EnsureParent()
    {
        if (WholeGeneration != Start.Parent)
        {
            throw new ProtocolException("the target is no longer at the parent of the new generation");
        }
    }

    /// <summary>The generation that the target is known to be, or zero. A device that has another size holds no generation.</summary>
    private Guid WholeGeneration =>
        Target.Record is { Status: TargetStatus.Consistent } record
        && record.LengthBytes == Target.Device.LengthBytes
            ? record.Generation
            : Guid.Empty;

    /// <summary>The record of a target that is on its way to the new generation.</summary>
    public TargetRecord BegunRecord(TargetStatus status) =>
        GenerationRecord.Begun(
            Target.Record,
            status,
            Volume,
            Epoch,
            Start.Id,
            Target.Services.Clock.GetUtcNow()
        ) with
        {
            LengthBytes = Target.Device.LengthBytes,
            DeviceKey = KnownDevice.KeyOf(Target.Device.StableId),
        };

    /// <summary>The error of a delta that does not make what the sender says.</summary>
    public RsyncFsException RootMismatch(Digest expected, Digest actual, string state) =>
        new(ErrorId.RootMismatch, "the new generation is not what the sender says it must be")
        {
            Where = Target.Where,
            Cause = $"root digest {actual}, the sender has {expected}",
            Hint = $"{state}; run again: the target will be read and compared",
        };
}
