using RsyncFs.Errors;
using RsyncFs.Snapshots;

namespace RsyncFs.Linux.Lvm;

/// <content>As a member of a group; and one snapshot on its way: prepared, taken, opened, or undone.</content>
public sealed partial class LvmSource
{
    bool IVolumeSnapshots.HasRunFull => _ranFull.Count > 0;

    private sealed class Pending(LvmSource owner, string name, IReadOnlyList<string> args) : IPendingSnapshot
    {
        public void Take() => LvmTool.Run(ErrorId.SnapshotCreate, "lvcreate", args);

        public ISnapshot Open(DateTimeOffset takenAt) =>
            owner.Open(
                Find()
                    ?? throw new DeviceException(ErrorId.SnapshotCreate, "the snapshot is not there")
                    {
                        Where = $"{owner._volume.Group}/{name}",
                    },
                takenAt
            );

        /// <summary>
        /// Where <c>lvcreate</c> failed in its middle, a volume of that name may be left that is no snapshot yet (of a
        /// frozen file system, for one). Nobody else has that name. What can not be removed is found by doctor.
        /// </summary>
        public void Undo()
        {
            try
            {
                foreach (
                    var left in LogicalVolume.Select($"vg_uuid={owner._volume.GroupUuid} && lv_name={name}")
                )
                {
                    _ = OwnSnapshots.Remove(left);
                }
            }
            catch (DeviceException)
            {
                // Why there is no snapshot is what a person must hear.
            }
        }

        private LogicalVolume? Find()
        {
            owner._listing = owner.List();
            return owner
                .Ours(owner._listing)
                .FirstOrDefault(volume => string.Equals(volume.Name, name, StringComparison.Ordinal));
        }
    }
}
