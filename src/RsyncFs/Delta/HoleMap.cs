using RsyncFs.Blocks;
using RsyncFs.Devices;

namespace RsyncFs.Delta;

/// <summary>Tells, for ranges asked in ascending order, which are holes that need not be read.</summary>
internal sealed class HoleMap(IBlockDevice device)
{
    private Extent _data = new(0, 0);

    /// <summary>True if the whole <paramref name="range"/> is a hole.</summary>
    public bool IsHole(Extent range)
    {
        // One question to the device serves all ranges up to the end of the data it names.
        if (_data.EndBytes <= range.OffsetBytes && _data.EndBytes < device.LengthBytes)
        {
            _data = device.NextData(range.OffsetBytes);
        }

        return _data.Intersect(range).IsEmpty;
    }
}
