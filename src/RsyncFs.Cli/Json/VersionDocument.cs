namespace RsyncFs.Cli.Json;

/// <summary>What <c>version --json</c> prints: one document, not an event.</summary>
/// <param name="Version">The version of rsyncfs.</param>
/// <param name="Runtime">The runtime it runs on.</param>
internal sealed record VersionDocument(string Version, string Runtime);
