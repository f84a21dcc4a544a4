namespace RsyncFs.Cli.Output;

/// <summary>How a run shows where it is.</summary>
internal enum ProgressStyle
{
    /// <summary>A bar on a terminal, else lines for a log.</summary>
    Auto,

    /// <summary>One line, drawn again and again.</summary>
    Bar,

    /// <summary>A line for each 10 %, at most one a minute.</summary>
    Log,

    /// <summary>Nothing.</summary>
    None,
}
