using RsyncFs.Devices;
using RsyncFs.Snapshots;

namespace RsyncFs.Linux.Lvm;

/// <summary>Snapshots of the volumes of a group, of one moment, open for reading.</summary>
internal sealed class GroupSnapshot : ISnapshot
{
    /// <summary>Takes <paramref name="members"/> over.</summary>
    public GroupSnapshot(IReadOnlyList<ISnapshot> members)
    {
        Members = members;
        Device = new DeviceSet([.. members.Select(member => member.Device)]);
    }

    /// <summary>The snapshots, in the order of the group.</summary>
    public IReadOnlyList<ISnapshot> Members { get; }

    /// <inheritdoc/>
    public IBlockDevice Device { get; }

    /// <inheritdoc/>
    public DateTimeOffset TakenAt => Members[0].TakenAt;

    /// <inheritdoc/>
    public ChangeEvidence Evidence => EvidenceOf([.. Members.Select(member => member.Evidence)]);

    /// <inheritdoc/>
    public bool IsFuzzy => false;

    /// <summary>What is remembered of a group's snapshots: what is remembered of each.</summary>
    public static ChangeEvidence EvidenceOf(IReadOnlyList<ChangeEvidence> members) =>
        ChangeEvidence.OfSet(members);

    /// <inheritdoc/>
    public void EnsureValid()
    {
        foreach (var member in Members)
        {
            member.EnsureValid();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var member in Members)
        {
            member.Dispose();
        }
    }
}
