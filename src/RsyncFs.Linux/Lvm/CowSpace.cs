namespace RsyncFs.Linux.Lvm;

/// <summary>The copy-on-write space of a classic snapshot: what changes in the volume while it exists must fit.</summary>
/// <param name="Share">As a share of the volume; used if <paramref name="Bytes"/> is null.</param>
/// <param name="Bytes">In bytes.</param>
public sealed record CowSpace(double Share, long? Bytes)
{
    // Less is full after a few writes.
    private const long SmallestBytes = 16L << 20;

    /// <summary>A tenth of the volume.</summary>
    public static CowSpace Default { get; } = new(Share: 0.1, Bytes: null);

    /// <summary>What has proven to be needed, in bytes: twice of what was filled. It is taken where the group has so much, however little was asked for.</summary>
    public long NeededBytes { get; init; }

    /// <summary>The space for a volume: a whole number of the group's extents, or LVM would refuse it.</summary>
    /// <param name="volumeBytes">Bytes of the volume.</param>
    /// <param name="freeBytes">Free bytes of its group that this snapshot may have.</param>
    /// <param name="extentBytes">Bytes of an extent of the group.</param>
    public long Of(long volumeBytes, long freeBytes, long extentBytes)
    {
        var wanted = Math.Max(SmallestBytes, Bytes ?? (long)(volumeBytes * Share));
        var proven = Math.Min(NeededBytes, freeBytes) / extentBytes * extentBytes;
        return Math.Max((wanted + extentBytes - 1) / extentBytes * extentBytes, proven);
    }
}
