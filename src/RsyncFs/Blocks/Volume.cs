namespace RsyncFs.Blocks;

/// <summary>
/// What belongs to a volume for its life, on every machine that holds a copy of it: chosen at the first copy, told
/// to each receiver, never negotiated.
/// </summary>
/// <param name="Id">A random name; not zero.</param>
/// <param name="Hash">The strong hash with its secret seed.</param>
/// <param name="BlockSizeBytes">The unit of comparison.</param>
public sealed record Volume(Guid Id, StrongHash Hash, int BlockSizeBytes);
