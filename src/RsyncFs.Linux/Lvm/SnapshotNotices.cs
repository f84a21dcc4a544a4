namespace RsyncFs.Linux.Lvm;

/// <summary>What a person should hear of the snapshots of a volume.</summary>
/// <param name="GrewFull">Told of a classic snapshot that was more than half full, or ran full: the bytes that the next one gets.</param>
/// <param name="GaveUpKept">Told that kept snapshots were removed for the room that they took.</param>
/// <param name="FillsUp">Told of a classic snapshot that is nearly full while it is in use: group and name, and percent. Called from any thread.</param>
public sealed record SnapshotNotices(
    Action<long> GrewFull,
    Action GaveUpKept,
    Action<string, double> FillsUp
);
