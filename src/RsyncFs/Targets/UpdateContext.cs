using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;

namespace RsyncFs.Targets;

/// <summary>What every way of updating a target needs.</summary>
/// <param name="Target">The target.</param>
/// <param name="Volume">The volume of the session.</param>
/// <param name="Hasher">Its layout and hash.</param>
/// <param name="Codec">Decompresses literal bytes.</param>
/// <param name="Start">The generation to come.</param>
/// <param name="Evidence">The device's write evidence from before the target was read.</param>
internal sealed record UpdateContext(
    Target Target,
    Volume Volume,
    BlockHasher Hasher,
    IBlockCodec Codec,
    GenerationStart Start,
    ChangeEvidence Evidence
)
{
    private readonly long _sectorsBefore = Target.Device.SectorsWritten;

    /// <summary>The target must still be at the generation that this one is made of (C9).</summary>
    /// <exception cref="ProtocolException">It is not. Nothing was written.</exception>
    public void EnsureParent()
    {
        if (Target.Record?.Generation != Start.Parent)
        {
            throw new ProtocolException("the target is no longer at the parent of the new generation");
        }
    }

    /// <summary>
    /// Nobody may have written the target beside us since the session began (C2). Where nothing counts sectors (an
    /// image), only that it is the same file can be told.
    /// </summary>
    /// <exception cref="RefusedException">Somebody did. The target stays marked inconsistent.</exception>
    public void EnsureWrittenByUsAlone()
    {
        var sectors = Target.Device.SectorsWritten - _sectorsBefore;
        if (!Target.Device.ReadEvidence().Follows(Evidence, sectors))
        {
            throw new RefusedException(
                ErrorId.TargetInUse,
                "somebody else wrote the target while it was updated"
            )
            {
                Where = Target.Where,
                Cause = $"the system counted other writes than the {sectors} sectors that were ours",
                Hint = "the target is marked inconsistent; find out what writes to it, then run again",
            };
        }
    }

    /// <summary>Seals <paramref name="map"/> for <paramref name="generation"/>, with the device's evidence of now.</summary>
    /// <exception cref="StateException">The map is not sealed, and the target will be read.</exception>
    public void SealMap(DigestMap map, Guid generation) => map.Seal(generation, Target.Device.ReadEvidence());

    /// <summary>The record of a target that durably is the new generation.</summary>
    public TargetRecord ConsistentRecord(GenerationEnd end) =>
        new()
        {
            Status = TargetStatus.Consistent,
            Volume = Volume,
            LengthBytes = Target.Device.LengthBytes,
            DeviceKey = KnownDevice.KeyOf(Target.Device.StableId),
            Generation = Start.Id,
            Ancestors = SourceLineage.Push(Start.Parent, Target.Record?.Ancestors ?? []),
            Root = end.Root,
            DataTime = Start.DataTime,
            IsFuzzy = end.IsFuzzy,
        };

    /// <summary>The record of a target that is about to be written in place.</summary>
    public TargetRecord InconsistentRecord() =>
        new()
        {
            Status = TargetStatus.Initializing,
            Volume = Volume,
            LengthBytes = Target.Device.LengthBytes,
            DeviceKey = KnownDevice.KeyOf(Target.Device.StableId),
            Generation = Start.Parent,
            Ancestors = Target.Record?.Ancestors ?? [],
            DataTime = Start.DataTime,
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
