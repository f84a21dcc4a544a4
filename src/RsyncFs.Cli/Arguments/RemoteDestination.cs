namespace RsyncFs.Cli.Arguments;

/// <summary>A target of a receiver.</summary>
/// <param name="Target">The target's name there.</param>
internal abstract record RemoteDestination(string Target) : Destination;
