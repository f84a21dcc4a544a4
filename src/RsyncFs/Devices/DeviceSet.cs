using RsyncFs.Blocks;

namespace RsyncFs.Devices;

/// <summary>
/// Several devices that are replicated as one, so that all of them are at one generation, always: they share its
/// journal and its commit record (C3). <see cref="SetShape"/> says how they lie.
/// </summary>
/// <remarks>
/// Between two members there may be bytes that are nowhere: they read as zeros, and what is written to them is gone.
/// No source has anything but zeros there. A sender that lies about it spoils its own target alone, which the next
/// comparison finds.
/// </remarks>
public sealed class DeviceSet : IBlockDevice
{
    private readonly IReadOnlyList<IBlockDevice> _members;

    /// <summary>Makes one of <paramref name="members"/>, which are disposed of with it.</summary>
    /// <exception cref="ArgumentException">None, too many, or one of no bytes. The members are left as they are.</exception>
    public DeviceSet(IReadOnlyList<IBlockDevice> members)
    {
        _members = members;
        Shape = new SetShape([.. members.Select(member => member.LengthBytes)]);
        Name = NameOf(members.Select(member => member.Name));
        StableId = StableIdOf([.. members.Select(member => member.StableId)]);
    }

    /// <summary>The members, in their order.</summary>
    public IReadOnlyList<IBlockDevice> Members => _members;

    /// <inheritdoc/>
    public SetShape Shape { get; }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public string StableId { get; }

    /// <inheritdoc/>
    public long LengthBytes => Shape.LengthBytes;

    /// <inheritdoc/>
    public bool MayCountZeroingTwice => _members.Any(member => member.MayCountZeroingTwice);

    /// <inheritdoc/>
    public long SectorsWritten => _members.Sum(member => member.SectorsWritten);

    /// <summary>What a person calls a set: the paths of its members, with commas.</summary>
    public static string NameOf(IEnumerable<string> names) => string.Join(',', names);

    /// <summary>What names a set: what names its members, in their order; empty if one of them has no such name.</summary>
    public static string StableIdOf(IReadOnlyList<string> members) =>
        members.Contains("", StringComparer.Ordinal) ? "" : string.Join(',', members);

    /// <inheritdoc/>
    public void Read(long offsetBytes, Span<byte> buffer)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, offsetBytes, buffer.Length);
        var range = new Extent(offsetBytes, buffer.Length);
        var nextBytes = offsetBytes;
        for (var i = 0; i < _members.Count; i++)
        {
            var part = Shape.Members[i].Intersect(range);
            if (!part.IsEmpty)
            {
                buffer[(int)(nextBytes - offsetBytes)..(int)(part.OffsetBytes - offsetBytes)].Clear();
                _members[i].Read(part.OffsetBytes - Shape.Members[i].OffsetBytes, Of(buffer, range, part));
                nextBytes = part.EndBytes;
            }
        }

        buffer[(int)(nextBytes - offsetBytes)..].Clear();
    }

    /// <inheritdoc/>
    public void Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, offsetBytes, data.Length);
        var range = new Extent(offsetBytes, data.Length);
        for (var i = 0; i < _members.Count; i++)
        {
            var part = Shape.Members[i].Intersect(range);
            if (!part.IsEmpty)
            {
                var from = (int)(part.OffsetBytes - offsetBytes);
                _members[i]
                    .Write(
                        part.OffsetBytes - Shape.Members[i].OffsetBytes,
                        data.Slice(from, (int)part.LengthBytes)
                    );
            }
        }
    }

    /// <inheritdoc/>
    public void Zero(Extent extent)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, extent.OffsetBytes, extent.LengthBytes);
        for (var i = 0; i < _members.Count; i++)
        {
            var part = Shape.Members[i].Intersect(extent);
            if (!part.IsEmpty)
            {
                _members[i]
                    .Zero(new Extent(part.OffsetBytes - Shape.Members[i].OffsetBytes, part.LengthBytes));
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>All are flushed, though one fails.</remarks>
    public void Flush()
    {
        List<Exception> failures = [];
        foreach (var member in _members)
        {
            try
            {
                member.Flush();
            }
            catch (Errors.DeviceException failure)
            {
                failures.Add(failure);
            }
        }

        if (failures is [var first, ..])
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
        }
    }

    /// <inheritdoc/>
    public Extent NextData(long offsetBytes)
    {
        DeviceRange.ThrowIfOutside(LengthBytes, offsetBytes, 0);
        for (var i = 0; i < _members.Count; i++)
        {
            var place = Shape.Members[i];
            if (offsetBytes < place.EndBytes)
            {
                var data = _members[i].NextData(Math.Max(0, offsetBytes - place.OffsetBytes));
                if (!data.IsEmpty)
                {
                    return new Extent(place.OffsetBytes + data.OffsetBytes, data.LengthBytes);
                }
            }
        }

        return new Extent(LengthBytes, 0);
    }

    /// <inheritdoc/>
    public ChangeEvidence ReadEvidence() =>
        ChangeEvidence.OfSet([.. _members.Select(member => member.ReadEvidence())]);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var member in _members)
        {
            member.Dispose();
        }
    }

    private static Span<byte> Of(Span<byte> buffer, Extent range, Extent part) =>
        buffer.Slice((int)(part.OffsetBytes - range.OffsetBytes), (int)part.LengthBytes);
}
