using RsyncFs.Blocks;

namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>What a sender sends to bring a target to a generation.</summary>
/// <param name="Generation">The generation.</param>
/// <param name="Records">The records, in order.</param>
/// <param name="IsFull">True if they name every block, and so need no base.</param>
internal sealed record Delta(Generation Generation, IReadOnlyList<DeltaRecord> Records, bool IsFull)
{
    /// <summary>The chain over the first <paramref name="count"/> records.</summary>
    public DeltaChain ChainOf(long count, StrongHash hash)
    {
        var chain = new DeltaChain(hash);
        for (var i = 0; i < count; i++)
        {
            chain.Add(Records[i]);
        }

        return chain;
    }
}
