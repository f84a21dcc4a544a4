namespace RsyncFs.Cli.Arguments;

/// <summary>Whether a target that was never initialised takes a first copy.</summary>
internal enum InitPermission
{
    /// <summary>It does not.</summary>
    Refuse,

    /// <summary>It does, unless the device bears a signature that somebody may miss.</summary>
    Allow,

    /// <summary>It does, whatever the device bears.</summary>
    Overwrite,
}
