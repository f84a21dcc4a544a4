namespace RsyncFs.Cli.Engine;

/// <summary>What a receiver in this process, and its target, are called.</summary>
internal static class EndPointNames
{
    /// <summary>The name of the only target.</summary>
    public const string Local = "local";

    /// <summary>The peer's name, at both ends.</summary>
    public const string ThisMachine = "this machine";
}
