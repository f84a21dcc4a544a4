using RsyncFs.Blocks;

namespace RsyncFs.Delta;

/// <summary>
/// What the target holds in the blocks that differ: their old signatures, added in ascending order and looked up by
/// block. Keeps the first so many and forgets the rest: they only serve the search for moved content.
/// </summary>
internal sealed class BaseSignatures
{
    // 56 bytes a block, and as much again while the lists grow: under the memory that the search may take in all.
    private const int MaxCount = 2 * 1024 * 1024;

    private readonly List<long> _blocks = [];
    private readonly List<Signature> _signatures = [];

    /// <summary>How many are kept.</summary>
    public int Count => _blocks.Count;

    /// <summary>Adds the signature of a block that comes behind all added before.</summary>
    public void Add(long block, Signature signature)
    {
        if (_blocks.Count < MaxCount)
        {
            _blocks.Add(block);
            _signatures.Add(signature);
        }
    }

    /// <summary>The block and signature at <paramref name="index"/>, in ascending order of blocks.</summary>
    public (long Block, Signature Signature) At(int index) => (_blocks[index], _signatures[index]);

    /// <summary>The signature of <paramref name="block"/>; false if it is not kept.</summary>
    public bool TryFind(long block, out Signature signature)
    {
        var index = _blocks.BinarySearch(block);
        signature = index < 0 ? default : _signatures[index];
        return index >= 0;
    }
}
