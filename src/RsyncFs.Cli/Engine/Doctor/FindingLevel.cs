namespace RsyncFs.Cli.Engine.Doctor;

/// <summary>How much a finding matters.</summary>
internal enum FindingLevel
{
    /// <summary>Worth knowing, and nothing that anybody has to do. It does not count for the exit code.</summary>
    Note,

    /// <summary>Somebody should do something.</summary>
    Warning,

    /// <summary>Replication can not go on, or something could not be checked.</summary>
    Error,
}
