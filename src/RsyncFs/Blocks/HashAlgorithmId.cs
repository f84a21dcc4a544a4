namespace RsyncFs.Blocks;

/// <summary>The strong hash of a volume. The number stands on the wire and in files, and fixes the digest's length.</summary>
public enum HashAlgorithmId : byte
{
    /// <summary>XXH128 with the volume's secret seed, 16 bytes. For content that no stranger chooses.</summary>
    XxHash128 = 1,

    /// <summary>SHA-256, 32 bytes. For volumes whose content strangers control.</summary>
    Sha256 = 2,
}
