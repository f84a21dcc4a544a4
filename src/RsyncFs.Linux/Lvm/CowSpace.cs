namespace RsyncFs.Linux.Lvm;

/// <summary>The copy-on-write space of a classic snapshot: what changes in the volume while it exists must fit.</summary>
/// <param name="Share">As a share of the volume; used if <paramref name="Bytes"/> is null.</param>
/// <param name="Bytes">In bytes.</param>
public sealed record CowSpace(double Share, long? Bytes)
{
    // Less is full after a few writes.
    private const long LeastBytes = 16L << 20;

    /// <summary>A tenth of the volume.</summary>
    public static CowSpace Default { get; } = new(Share: 0.1, Bytes: null);

    /// <summary>The space for a volume of <paramref name="volumeBytes"/>.</summary>
    public long Of(long volumeBytes) => Math.Max(LeastBytes, Bytes ?? (long)(volumeBytes * Share));
}
