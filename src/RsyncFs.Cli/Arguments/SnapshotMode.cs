namespace RsyncFs.Cli.Arguments;

/// <summary>Whether a snapshot of the source is taken.</summary>
internal enum SnapshotMode
{
    /// <summary>Of a logical volume one is; of anything else none, and it must stand still.</summary>
    Auto,

    /// <summary>None, and what is in use is read all the same: the copy is fuzzy then.</summary>
    None,
}
