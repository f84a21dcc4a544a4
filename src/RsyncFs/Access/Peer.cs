namespace RsyncFs.Access;

/// <summary>A machine that this one knows by its key.</summary>
/// <param name="Name">What it is called here. A sender looks a receiver up by the host of its address.</param>
/// <param name="Key">Its key.</param>
/// <param name="Rights">What it may do here, by target; nothing with a target that is not in it.</param>
public sealed record Peer(string Name, KeyFingerprint Key, IReadOnlyDictionary<string, Rights> Rights)
{
    /// <summary>What it may do with <paramref name="target"/>.</summary>
    public Rights RightsOn(string target) => Rights.GetValueOrDefault(target);
}
