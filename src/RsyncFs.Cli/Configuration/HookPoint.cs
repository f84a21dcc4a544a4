namespace RsyncFs.Cli.Configuration;

/// <summary>A point of a cycle at which a hook is run.</summary>
internal enum HookPoint
{
    /// <summary>Before the snapshot is taken, in the order of the file: to make the source ready for it.</summary>
    PreSnapshot,

    /// <summary>
    /// When it is taken, or could not be, the last of the file first: to undo what was done before. One that has the name
    /// of a <see cref="PreSnapshot"/> is run if that was, and did not say itself that it failed; others always.
    /// </summary>
    PostSnapshot,

    /// <summary>When the destination has the new generation.</summary>
    PostCommit,

    /// <summary>When the cycle has failed.</summary>
    OnFailure,
}
