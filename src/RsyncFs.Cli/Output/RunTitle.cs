namespace RsyncFs.Cli.Output;

/// <summary>What a run is called in everything it prints.</summary>
/// <param name="Source">The source as it was written.</param>
/// <param name="Destination">The destination as it was written.</param>
internal sealed record RunTitle(string Source, string Destination)
{
    /// <summary><c>source → destination</c>.</summary>
    public override string ToString() => $"{Source} → {Destination}";
}
