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

    /// <summary>
    /// Seals <paramref name="map"/> for the new generation, but only on evidence that nobody else wrote the device
    /// since the session began (C2); else the next session reads the target.
    /// </summary>
    /// <exception cref="StateException">The map is not sealed.</exception>
    public void SealMap(DigestMap map, Guid generation)
    {
        var evidence = Target.Device.ReadEvidence();
        if (evidence.Follows(Evidence, Target.Device.SectorsWritten - _sectorsBefore))
        {
            map.Seal(generation, evidence);
        }
    }

    /// <summary>The record of a target that durably is the new generation.</summary>
    public TargetRecord ConsistentRecord(GenerationEnd end) =>
        new()
        {
            Status = TargetStatus.Consistent,
            Volume = Volume,
            LengthBytes = Target.Device.LengthBytes,
            Generation = Start.Id,
            Parent = Start.Parent,
            Root = end.Root,
            DataTime = Start.DataTime,
            IsFuzzy = end.IsFuzzy,
        };

    /// <summary>The record of a target that is about to be written in place.</summary>
    public TargetRecord InconsistentRecord() =>
        new()
        {
            Status = TargetStatus.Inconsistent,
            Volume = Volume,
            LengthBytes = Target.Device.LengthBytes,
            Parent = Start.Parent,
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
