using RsyncFs.Blocks;

namespace RsyncFs.Protocol.Messages;

/// <summary>What the receiver holds. Answer to <see cref="OpenTarget"/>.</summary>
/// <remarks>
/// <code>
/// length field
///      1 status, u8
///     29 volume: see VolumeFields
///     16 generation, not zero exactly if the status is Consistent
/// 16, 32 root: as long as a digest of that volume; zero unless Consistent
///      1 is map trusted, 0 or 1; 0 unless Consistent
///      8 data time, i64: Unix milliseconds
///      1 is fuzzy, 0 or 1
///      8 epoch, u64
///      1 apply mode, u8
///     16 partial: generation of an interrupted delta; zero if there is none to go on with
///      8 partial: records of it that are durable, i64
/// 16, 32 partial: the chain over them
/// </code>
/// </remarks>
/// <param name="Status">Whether the target is a whole generation.</param>
/// <param name="Volume">The volume of this session: the sender's, or the target's own where the sender's was new.</param>
/// <param name="Generation">The target's generation; zero unless it is consistent.</param>
/// <param name="Root">The root digest of that generation; zero unless it is consistent.</param>
/// <param name="IsMapTrusted">True if the receiver has a digest map of that generation and evidence that nobody else wrote the device.</param>
/// <param name="DataTime">When the source was as the target is now; the Unix epoch unless it is consistent.</param>
/// <param name="IsFuzzy">True if the generation was copied from a source that was in use.</param>
/// <param name="Epoch">The target's epoch; a sender without state takes it for its own.</param>
/// <param name="Mode">How the next delta is brought onto the target.</param>
/// <param name="Partial">How far an interrupted delta got here, durably.</param>
public sealed record TargetState(
    TargetStatus Status,
    Volume Volume,
    Guid Generation,
    Digest Root,
    bool IsMapTrusted,
    DateTimeOffset DataTime,
    bool IsFuzzy,
    ulong Epoch,
    ApplyMode Mode,
    DeltaPosition Partial
) : Message
{
    internal override MessageType Type => MessageType.TargetState;

    internal override void Write(ByteWriter writer, SessionFormat? format)
    {
        writer.WriteByte((byte)Status);
        VolumeFields.Write(writer, Volume);
        writer.WriteGuid(Generation);
        writer.WriteDigest(Root, Volume.Hash.DigestLength);
        writer.WriteBoolean(IsMapTrusted);
        writer.WriteTime(DataTime);
        writer.WriteBoolean(IsFuzzy);
        writer.WriteUInt64(Epoch);
        writer.WriteByte((byte)Mode);
        PositionFields.Write(writer, Partial, Volume.Hash.DigestLength);
    }

    internal static TargetState Read(ref MessageReader reader)
    {
        var status = reader.ReadEnum<TargetStatus>();
        var volume = VolumeFields.Read(ref reader.Bytes);
        var generation = reader.Bytes.ReadGuid();
        var root = reader.Bytes.ReadDigest(volume.Hash.DigestLength);
        var isMapTrusted = reader.Bytes.ReadBoolean();
        var isConsistent = status == TargetStatus.Consistent;
        if (
            isConsistent != (generation != Guid.Empty)
            || (!isConsistent && (root != default || isMapTrusted))
        )
        {
            throw new InvalidDataException($"a target that is {status} at generation {generation}");
        }

        return new TargetState(
            status,
            volume,
            generation,
            root,
            isMapTrusted,
            reader.Bytes.ReadTime(),
            reader.Bytes.ReadBoolean(),
            reader.Bytes.ReadUInt64(),
            reader.ReadEnum<ApplyMode>(),
            PositionFields.Read(ref reader, volume.Hash.DigestLength)
        );
    }
}
