namespace RsyncFs.Cli.Json;

/// <summary>A run of bytes that differs.</summary>
internal sealed record VerifyMismatchEvent() : JsonEvent("verify_mismatch")
{
    /// <summary>Where it begins.</summary>
    public required long Offset { get; init; }

    /// <summary>Bytes.</summary>
    public required long Length { get; init; }
}
