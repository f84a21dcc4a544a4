using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.FileSystems;
using Xunit;

namespace RsyncFs.Tests.FileSystems;

internal static class Flips
{
    /// <summary>Flips bits of one byte, and fails if then something is free that was not.</summary>
    public static void AssertNothingBecomesFree(FreeSpaceMap known, byte[] image, int at, int bits)
    {
        image[at] ^= (byte)bits;
        var map = FreeSpace.Find(new MemoryBlockDevice(image), witness: null, CancellationToken.None);
        image[at] ^= (byte)bits;
        Assert.True(
            map.Extents.All(extent => IsIn(known.Extents, extent)),
            $"bits {bits:x} of byte {at} make free what is used"
        );
    }

    private static bool IsIn(IReadOnlyList<Extent> runs, Extent run) =>
        runs.Any(whole => whole.Intersect(run) == run);
}
