namespace RsyncFs.Cli.Json;

/// <summary>A machine that this one knows, as <c>peer</c> prints it.</summary>
/// <param name="Name">Its name here.</param>
/// <param name="Key">Its key.</param>
/// <param name="Rights">What it may do here, by target: words with commas between.</param>
internal sealed record PeerDocument(string Name, string Key, IReadOnlyDictionary<string, string> Rights);
