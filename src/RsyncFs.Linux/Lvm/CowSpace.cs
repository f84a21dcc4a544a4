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

    /// <summary>What has proven to be needed, in bytes: twice of what ran full. It is taken where the group has so much, however little was asked for.</summary>
    public long NeededBytes { get; init; }

    /// <summary>The space for a volume.</summary>
    /// <param name="volumeBytes">Bytes of the volume.</param>
    /// <param name="freeBytes">Free bytes of its group.</param>
    public long Of(long volumeBytes, long freeBytes)
    {
        var wanted = Math.Max(SmallestBytes, Bytes ?? (long)(volumeBytes * Share));
        return Math.Max(wanted, Math.Min(NeededBytes, freeBytes));
    }
}
