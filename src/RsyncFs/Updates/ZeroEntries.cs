using RsyncFs.Blocks;
using RsyncFs.Maps;

namespace RsyncFs.Updates;

/// <summary>Sets the entries of long zero runs in a digest map, a bounded number at a time.</summary>
internal static class ZeroEntries
{
    private const int BlocksAtOnce = 16 * BlockLayout.BlocksPerGroup;

    /// <summary>Sets the entries of <paramref name="count"/> blocks from <paramref name="firstBlock"/> on to those of zeros.</summary>
    /// <exception cref="Errors.StateException">The map could not be written.</exception>
    public static void Set(DigestMap map, BlockHasher hasher, long firstBlock, long count)
    {
        var entries = new byte[(int)Math.Min(count, BlocksAtOnce) * hasher.EntryLength];
        while (count > 0)
        {
            var now = (int)Math.Min(count, BlocksAtOnce);
            var part = entries.AsSpan(0, now * hasher.EntryLength);
            hasher.WriteZeroEntries(firstBlock, now, part);
            map.Set(firstBlock, part);
            firstBlock += now;
            count -= now;
        }
    }
}
