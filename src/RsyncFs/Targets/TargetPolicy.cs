namespace RsyncFs.Targets;

/// <summary>What the receiver's side allows for one target.</summary>
/// <param name="Init">Whether it may take a first copy.</param>
/// <param name="FindSignature">Probes the device for something that a first copy would destroy (a filesystem, a partition table); null if there is nothing.</param>
public sealed record TargetPolicy(InitPolicy Init, Func<string?> FindSignature);
