namespace RsyncFs.Blocks;

/// <summary>The two checksums of one block: the weak one finds candidates, the strong one decides.</summary>
/// <param name="Weak">See <see cref="WeakChecksum"/>. Says only that two blocks differ, never that they are equal.</param>
/// <param name="Strong">See <see cref="StrongHash"/>.</param>
public readonly record struct Signature(uint Weak, Digest Strong);
