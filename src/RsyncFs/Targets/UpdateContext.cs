using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;

namespace RsyncFs.Targets;

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

    /// <summary>
    /// True once the delta had zeros. The first zeroing of a device whose driver can not do what it offered is counted
    /// twice by the kernel (block/blk-lib.c falls back to writing zero pages): then the count proves nothing against
    /// anybody, and the target is read instead of being believed.
    /// </summary>
    public bool HasZeroed { get; set; }

    /// <summary>
    /// True if nobody wrote the target beside us since the session began (C2). Where nothing counts sectors (an
    /// image), only that it is the same file can be told.
    /// </summary>
    public bool IsWrittenByUsAlone =>
        Target.Device.ReadEvidence().Follows(Evidence, Target.Device.SectorsWritten - _sectorsBefore);

    /// <summary>The target must still be at the generation that this one is made of (C9).</summary>
    /// <exception cref="ProtocolException">It is not. Nothing was written.</exception>
    public void EnsureParent()
    {
        if (WholeGeneration(Target.Record) != Start.Parent)
        {
            throw new ProtocolException("the target is no longer at the parent of the new generation");
        }
    }

    /// <summary>The generation that a target is known to be, or zero.</summary>
    public static Guid WholeGeneration(TargetRecord? record) =>
        record is { Status: TargetStatus.Consistent } ? record.Generation : Guid.Empty;

    /// <summary>Seals <paramref name="map"/> for <paramref name="generation"/>, with the device's evidence of now.</summary>
    /// <exception cref="StateException">The map is not sealed, and the target will be read.</exception>
    public void SealMap(DigestMap map, Guid generation) => map.Seal(generation, Target.Device.ReadEvidence());

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
