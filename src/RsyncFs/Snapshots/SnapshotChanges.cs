using RsyncFs.Blocks;

namespace RsyncFs.Snapshots;

/// <summary>Where a source may have changed.</summary>
/// <param name="Extents">Inside the device; in any order, overlapping or not.</param>
/// <param name="Source">Who says so, in words for the report: <c>thin_delta</c>, for one.</param>
/// <param name="MetadataBytesRead">Bytes of the storage's own tables that were read to find it out; 0 if that is not known.</param>
public sealed record SnapshotChanges(IReadOnlyList<Extent> Extents, string Source, long MetadataBytesRead)
{
    /// <summary>Bytes that writers of the source had to copy away first, because the base was kept (C20); 0 where that costs nothing.</summary>
    public long BaseCopiedBytes { get; init; }
}
