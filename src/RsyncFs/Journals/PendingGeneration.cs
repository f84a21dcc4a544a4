using RsyncFs.Blocks;

namespace RsyncFs.Journals;

/// <summary>A generation that the target is on its way to.</summary>
/// <param name="Id">The generation.</param>
/// <param name="Transaction">The journal that holds it; zero if it is written in place.</param>
/// <param name="JournalBytes">Bytes of that journal.</param>
/// <param name="JournalChain">The chain over its records.</param>
public sealed record PendingGeneration(Guid Id, Guid Transaction, long JournalBytes, Digest JournalChain);
