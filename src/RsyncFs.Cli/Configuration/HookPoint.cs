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

    /// <summary>Of a target: before the first byte of a generation is written to it, in the order of the file.</summary>
    PreApply,

    /// <summary>Of a target: when nothing of it is written any more, or was not after all; to <see cref="PreApply"/> as <see cref="PostSnapshot"/> to <see cref="PreSnapshot"/>.</summary>
    PostApply,

    /// <summary>When the destination has the new generation.</summary>
    PostCommit,

    /// <summary>When the cycle has failed.</summary>
    OnFailure,

    /// <summary>Of a target: before it is made the primary, when nobody writes it any more.</summary>
    PrePromote,

    /// <summary>Of a target: when it is the primary, and its device is given up. Also where it was that already.</summary>
    PostPromote,

    /// <summary>Of a target: before a primary is made a replica again.</summary>
    PreDemote,
}
