namespace RsyncFs.Cli.Arguments;

/// <summary>What a limit must leave room for.</summary>
internal static class LimitSizes
{
    /// <summary>The least that a run may be told to send, and with which a job is begun: a greeting, queries, and some blocks.</summary>
    public const long LeastTransferBytes = 1024 * 1024;
}
