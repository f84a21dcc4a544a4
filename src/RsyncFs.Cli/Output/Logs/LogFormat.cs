namespace RsyncFs.Cli.Output.Logs;

/// <summary>The form of what is said on standard error.</summary>
internal enum LogFormat
{
    /// <summary>Sentences, as a person reads them on a terminal.</summary>
    Human,

    /// <summary>One line each, of <c>key=value</c>, with time and level.</summary>
    Logfmt,

    /// <summary>One line each, a JSON object.</summary>
    Json,

    /// <summary>As <see cref="Logfmt"/> for the journal, which knows the time: the priority is in front, as <c>&lt;6&gt;</c> (sd-daemon(3)).</summary>
    Systemd,
}
