using RsyncFs.Blocks;
using RsyncFs.Errors;

namespace RsyncFs.Updates;

/// <summary>The blocks that a delta has named so far: each may be staged once. One that was refused was not staged, and may come again.</summary>
internal sealed class StagedBlocks(BlockLayout layout)
{
    private readonly BlockSet _blocks = new(layout.BlockCount);

    /// <summary>How many there are.</summary>
    public long Count => _blocks.Count;

    /// <summary>Takes note of <paramref name="blockCount"/> blocks from <paramref name="firstBlock"/> on.</summary>
    /// <exception cref="ProtocolException">One of them came before, or is behind the end of the device.</exception>
    public void Add(long firstBlock, long blockCount)
    {
        if (firstBlock < 0 || firstBlock + blockCount > layout.BlockCount)
        {
            throw new ProtocolException($"block {firstBlock} and {blockCount - 1} more leave the device");
        }

        for (var block = firstBlock; block < firstBlock + blockCount; block++)
        {
            if (_blocks.Contains(block))
            {
                throw new ProtocolException($"block {block} came twice");
            }

            _blocks.Add(block);
        }
    }
}
