using RsyncFs.Snapshots;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>A source that was opened for a job.</summary>
/// <param name="End">It.</param>
/// <param name="Snapshots">Its snapshots, with what is done about them.</param>
internal sealed record OpenedSource(SourceEnd End, ISnapshotProvider Snapshots);
