using RsyncFs.Blocks;
using RsyncFs.Devices;

namespace RsyncFs.Snapshots;

/// <summary>
/// A source of which no snapshot is taken: an image, an unmounted device, a snapshot that somebody else made. It is
/// its own snapshot as long as nobody writes it, and the system's write evidence tells whether somebody did (C5).
/// </summary>
/// <param name="device">The source, open for reading; whoever made this disposes of it.</param>
/// <param name="clock">Tells time.</param>
/// <param name="isInUse">True if it may be written while it is read, by a person's leave.</param>
public sealed class StandingSource(IBlockDevice device, TimeProvider clock, bool isInUse) : ISnapshotProvider
{
    /// <inheritdoc/>
    public string Name => device.Name;

    /// <inheritdoc/>
    public SetShape Shape => device.Shape;

    /// <inheritdoc/>
    public bool KeepsBase => false;

    /// <inheritdoc/>
    public ISnapshot Take() => new Moment(device, clock.GetUtcNow(), device.ReadEvidence(), isInUse);

    /// <inheritdoc/>
    public ISnapshot? Reopen(ChangeEvidence evidence)
    {
        var now = Take();
        return !isInUse && now.Evidence == evidence ? now : null;
    }

    /// <inheritdoc/>
    public SnapshotChanges? FindChanges(ChangeEvidence @base, ISnapshot snapshot, out string obstacle)
    {
        obstacle = "nothing keeps track of what changes in this source";
        return null;
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> RemoveAllBut(IReadOnlyCollection<ChangeEvidence> kept) => [];

    private sealed class Moment(
        IBlockDevice device,
        DateTimeOffset takenAt,
        ChangeEvidence evidence,
        bool isFuzzy
    ) : ISnapshot
    {
        public IBlockDevice Device => device;

        public DateTimeOffset TakenAt => takenAt;

        public ChangeEvidence Evidence => evidence;

        public bool IsFuzzy => isFuzzy;

        public void EnsureValid()
        {
            if (!isFuzzy && device.ReadEvidence() != evidence)
            {
                throw SourceChange.Counted(device.Name);
            }
        }

        public void Dispose() { }
    }
}
