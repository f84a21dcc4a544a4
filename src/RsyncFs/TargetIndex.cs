using RsyncFs.Blocks;
using RsyncFs.Delta;
using RsyncFs.Maps;

namespace RsyncFs;

/// <summary>
/// The index of what the target holds. It costs no wire: where target and source are equal the sender's own sums are
/// the target's, and those of the blocks that differ came with the comparison.
/// </summary>
internal static class TargetIndex
{
    /// <summary>Builds the index and the search over it.</summary>
    /// <exception cref="Errors.StateException">The map could not be read.</exception>
    public static RollingSearch Build(BlockHasher hasher, DigestMap map, Changes changes)
    {
        var layout = hasher.Layout;
        var builder = new SignatureIndexBuilder(layout.BlockCount);
        var isRoom = true;

        // First what differs: content that moved is most often missing from where it was.
        for (var i = 0; i < changes.Base.Count && isRoom; i++)
        {
            var (block, signature) = changes.Base.At(i);
            isRoom = IsUseless(block, signature) || builder.Add(signature.Weak, block);
        }

        for (var group = 0L; group < layout.GroupCount && isRoom; group++)
        {
            var entries = map.ReadGroup(group);
            var block = BlockLayout.FirstBlockOf(group);
            for (var at = 0; at < entries.Length && isRoom; at += hasher.EntryLength, block++)
            {
                var signature = BlockHasher.ReadEntry(entries.AsSpan(at, hasher.EntryLength));
                isRoom =
                    changes.Blocks.Contains(block)
                    || IsUseless(block, signature)
                    || builder.Add(signature.Weak, block);
            }
        }

        return new RollingSearch(builder.Build(), layout.BlockSizeBytes, hasher.Hash, Lookup);

        // Zeros travel as zero runs, and a short block has no whole window to be found in.
        bool IsUseless(long block, Signature signature) =>
            layout.LengthOf(block) < layout.BlockSizeBytes || signature.Strong == hasher.ZeroDigest(block);

        bool Lookup(long block, out Digest digest)
        {
            digest = default;
            if (block >= layout.BlockCount || layout.LengthOf(block) < layout.BlockSizeBytes)
            {
                return false;
            }

            if (changes.Blocks.Contains(block))
            {
                var isKnown = changes.Base.TryFind(block, out var signature);
                digest = signature.Strong;
                return isKnown;
            }

            digest = map.ReadEntry(block).Strong;
            return true;
        }
    }
}
