using RsyncFs.Blocks;
using RsyncFs.Errors;

namespace RsyncFs.Targets;

/// <summary>The blocks that a delta has named so far: each may be staged once. One that was refused was not staged, and may come again.</summary>
internal sealed class StagedBlocks(BlockLayout layout)
{
    private readonly BlockSet _blocks = new(layout.BlockCount);

    /// <summary>Takes note of the blocks of <paramref name="record"/>.</summary>
    /// <exception cref="ProtocolException">One of them came before, or is behind the end of the device.</exception>
    public void Add(DeltaRecord record)
    {
        if (record.FirstBlock < 0 || record.FirstBlock + record.BlockCount > layout.BlockCount)
        {
            throw new ProtocolException(
                $"block {record.FirstBlock} and {record.BlockCount - 1} more leave the device"
            );
        }

        for (var block = record.FirstBlock; block < record.FirstBlock + record.BlockCount; block++)
        {
            if (_blocks.Contains(block))
            {
                throw new ProtocolException($"block {block} came twice");
            }

            _blocks.Add(block);
        }
    }
}
