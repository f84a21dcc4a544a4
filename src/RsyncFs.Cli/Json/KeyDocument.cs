namespace RsyncFs.Cli.Json;

/// <summary>What <c>key gen</c> and <c>key show</c> print.</summary>
/// <param name="Key">The fingerprint.</param>
/// <param name="File">Where the key is.</param>
internal sealed record KeyDocument(string Key, string File);
