using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Journals;
using RsyncFs.State;

namespace RsyncFs.Targets;

/// <summary>What a receiver durably knows of a target: whose copy it is, of which generation, and what may be done with it.</summary>
public sealed record TargetRecord
{
    /// <summary>What the target is. Never <see cref="TargetStatus.Empty"/>: a target that is empty has no record.</summary>
    public required TargetStatus Status { get; init; }

    /// <summary>The volume whose copy it is or is becoming; null for an adopted copy whose sender has not come yet.</summary>
    public required Volume? Volume { get; init; }

    /// <summary>Bytes of the device.</summary>
    public required long LengthBytes { get; init; }

    /// <summary>Stands for the device itself (see <see cref="KnownDevice.KeyOf"/>); zero where nothing named it.</summary>
    public Guid DeviceKey { get; init; }

    /// <summary>The fencing number: a sender whose epoch is lower is refused.</summary>
    public ulong Epoch { get; init; } = SourceLineage.FirstEpoch;

    /// <summary>What <see cref="Epoch"/> was before the target was promoted, and is again when it is demoted; 0 if it was not. That of the primary itself once it was reversed: then there is no way back (<see cref="RoleChange.BecomeSource"/>).</summary>
    public ulong ReplicaEpoch { get; init; }

    /// <summary>The highest epoch ever seen here; the next promote goes one above it.</summary>
    public ulong HighestEpoch { get; init; } = SourceLineage.FirstEpoch;

    /// <summary>The generation that the device holds, or held last when it was whole; zero if it never was.</summary>
    public Guid Generation { get; init; }

    /// <summary>The generations before it, newest first; the first is its parent. At most <see cref="SourceLineage.MaxAncestorCount"/>.</summary>
    public IReadOnlyList<Guid> Ancestors { get; init; } = [];

    /// <summary>The root digest of <see cref="Generation"/>.</summary>
    public Digest Root { get; init; }

    /// <summary>When the source was as the device is now.</summary>
    public DateTimeOffset DataTime { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>When the target came into this role, or was found diverged.</summary>
    public DateTimeOffset ChangedAt { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>True if <see cref="Generation"/> was copied from a source that was in use.</summary>
    public bool IsFuzzy { get; init; }

    /// <summary>The generation on its way: committed to the journal, or being written in place; null if there is none.</summary>
    public PendingGeneration? Pending { get; init; }

    /// <summary>The journal limit at which the last delta did not fit; 0 if it did (C8).</summary>
    public long OverflowLimitBytes { get; init; }

    /// <summary>True if it is at <paramref name="generation"/>, or is known to have been.</summary>
    public bool WasAt(Guid generation) => generation == Generation || Ancestors.Contains(generation);

    /// <summary>
    /// False if the target is certainly not on the device that <paramref name="stableId"/> names. Where nothing names
    /// the device itself, then or now, the path is all there is.
    /// </summary>
    public bool MayBeOn(string stableId)
    {
        var key = KnownDevice.KeyOf(stableId);
        return DeviceKey == Guid.Empty || key == Guid.Empty || DeviceKey == key;
    }

    /// <summary>True if <paramref name="device"/> may be the very one that the target is on: so named, and of that length.</summary>
    public bool MayBeOn(IBlockDevice device) => MayBeOn(device.StableId) && LengthBytes == device.LengthBytes;

    /// <summary>What the state of <paramref name="directory"/> says, without settling anything; null if the target was never initialised.</summary>
    /// <exception cref="Errors.StateException">There is one that can not be read.</exception>
    public static TargetRecord? Load(IDurableDirectory directory)
    {
        using var file = StateFile.TryOpen(directory, services: null);
        return file?.Record;
    }

    /// <summary>Equal records mean the same target; lists are compared by what is in them.</summary>
    public bool Equals(TargetRecord? other) =>
        other is not null
        && StateSlot.Encode(this, 0, 0).AsSpan().SequenceEqual(StateSlot.Encode(other, 0, 0));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Status, Generation, Epoch);
}
