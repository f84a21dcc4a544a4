namespace RsyncFs.Cli.Engine;

/// <summary>Where this machine's identity is, and the list of those that it knows.</summary>
/// <param name="KeyPath">The key.</param>
/// <param name="PeersPath">The list.</param>
internal sealed record KeyFiles(string KeyPath, string PeersPath)
{
    /// <summary>What the key is called in the state directory.</summary>
    public const string KeyName = "node.key";

    /// <summary>What the list is called there.</summary>
    public const string PeersName = "peers";

    /// <summary>True if a person named the key: then it must be there.</summary>
    public bool IsKeyGiven { get; init; }
}
