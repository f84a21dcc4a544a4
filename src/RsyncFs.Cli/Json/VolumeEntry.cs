using RsyncFs.Blocks;

namespace RsyncFs.Cli.Json;

/// <summary>A volume. Its seed is a secret and not shown.</summary>
/// <param name="Id">Its random name.</param>
/// <param name="Hash"><c>xxh128</c> or <c>sha256</c>.</param>
/// <param name="BlockSize">The unit of comparison.</param>
internal sealed record VolumeEntry(string Id, string Hash, int BlockSize)
{
    /// <summary>What is shown of <paramref name="volume"/>.</summary>
    public static VolumeEntry Of(Volume volume) =>
        new(
            volume.Id.ToString("N"),
            volume.Hash.Algorithm == HashAlgorithmId.Sha256 ? "sha256" : "xxh128",
            volume.BlockSizeBytes
        );
}
