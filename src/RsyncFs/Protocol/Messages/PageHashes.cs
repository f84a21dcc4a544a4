namespace RsyncFs.Protocol.Messages;

/// <summary>Answer to a <see cref="PageQuery"/>.</summary>
/// <param name="FirstBlock">The first block of the query.</param>
/// <param name="Hashes">One hash a page, page by page, block by block.</param>
public sealed record PageHashes(long FirstBlock, IReadOnlyList<uint> Hashes) : Message;
