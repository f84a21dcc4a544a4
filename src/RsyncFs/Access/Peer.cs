namespace RsyncFs.Access;

/// <summary>A machine that this one knows: by its key, or because ssh has let it in.</summary>
/// <param name="Name">What it is called here. A sender looks a receiver up by the host of its address.</param>
/// <param name="Key">Its key; null for one that comes through ssh only, which knows its key.</param>
/// <param name="Rights">What it may do here, by target; nothing with a target that is not in it.</param>
public sealed record Peer(string Name, KeyFingerprint? Key, IReadOnlyDictionary<string, Rights> Rights)
{
    /// <summary>What stands for the key of one that comes through ssh only.</summary>
    public const string SshWord = "ssh";

    /// <summary>The key as people see it.</summary>
    public string KeyText => Key?.ToString() ?? SshWord;

    /// <summary>What it may do with <paramref name="target"/>.</summary>
    public Rights RightsOn(string target) => Rights.GetValueOrDefault(target);
}
