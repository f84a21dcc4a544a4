using RsyncFs.Blocks;
using RsyncFs.Linux.Devices;
using RsyncFs.SystemTests.Fixtures;
using Xunit;

namespace RsyncFs.SystemTests.Devices;

/// <summary>Whose zeros may be given back to a pool; that it is done is in <c>Lvm/ThinTargetTests</c>.</summary>
public sealed class ThinBlocksTests
{
    private const long Block = 128 * 512;

    [Theory]
    [InlineData("0 524288 thin-pool 253:0 253:1 128 0 0")]
    [InlineData("0 524288 thin-pool 253:0 253:1 128 0 1 no_discard_passdown")]
    [InlineData("0 524288 thin-pool 253:0 253:1 128 0 1 error_if_no_space")]
    public void APoolThatZeroesNewBlocksTakesZerosBack(string table) =>
        Assert.Equal(new Extent(0, Block), Of(table)!.WholeIn(new Extent(0, Block)));

    [Theory]
    [InlineData("0 524288 thin-pool 253:0 253:1 128 0 1 skip_block_zeroing")]
    [InlineData("0 524288 thin-pool 253:0 253:1 128 0 2 no_discard_passdown skip_block_zeroing")]
    [InlineData("0 524288 thin-pool 253:0 253:1 128 0 1 ignore_discard")]
    [InlineData("0 524288 thin-pool 253:0 253:1 x 0 0")]
    [InlineData("0 524288 thin-pool 253:0 253:1")]
    [InlineData("0 131072 linear 253:0 0 128 0")]
    public void InOtherPoolsZerosAreWritten(string table) => Assert.Null(Of(table));

    [Fact]
    public void OnlyWholeBlocksAreGivenBack()
    {
        var blocks = Of("0 524288 thin-pool 253:0 253:1 128 0 0")!;
        Assert.Null(blocks.WholeIn(new Extent(512, Block)));
        Assert.Null(blocks.WholeIn(new Extent(0, Block - 512)));
        Assert.Null(blocks.WholeIn(new Extent(Block, 0)));
        Assert.Equal(new Extent(Block, Block), blocks.WholeIn(new Extent(512, (2 * Block) - 512)));
        Assert.Equal(new Extent(Block, 3 * Block), blocks.WholeIn(new Extent(1, (5 * Block) - 2)));
    }

    [Fact]
    public void ADeviceThatIsNoThinVolumeHasNone()
    {
        using var loop = new LoopDevice(1 << 20);
        Assert.Null(ThinBlocks.Of(File.ReadAllText($"/sys/block/{Path.GetFileName(loop.Path)}/dev").Trim()));
    }

    private static ThinBlocks? Of(string table) => ThinBlocks.OfPool(table.Split(' '));
}
