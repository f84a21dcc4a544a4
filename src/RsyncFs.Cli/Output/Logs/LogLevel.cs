namespace RsyncFs.Cli.Output.Logs;

/// <summary>How much a line matters. The numbers are the priorities of syslog(3), which the journal reads.</summary>
internal enum LogLevel
{
    /// <summary>A person must act.</summary>
    Error = 3,

    /// <summary>It will need somebody, or it goes on all the same.</summary>
    Warning = 4,

    /// <summary>What happened.</summary>
    Info = 6,
}
