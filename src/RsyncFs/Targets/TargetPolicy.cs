namespace RsyncFs.Targets;

/// <summary>What the receiver's side allows for one target.</summary>
/// <param name="Init">Whether it may take a first copy.</param>
/// <param name="KnownSignature">What a probe found on the device when it was opened (a filesystem, a partition table), or null.</param>
public sealed record TargetPolicy(InitPolicy Init, string? KnownSignature);
