using RsyncFs.Blocks;
using RsyncFs.Journals;
using RsyncFs.Maps;

namespace RsyncFs.Updates;

/// <summary>A digest map with the signatures of a journal laid over it: what the map will be once the journal is applied.</summary>
internal sealed class MapOverlay(DigestMap map, BlockHasher hasher, Journal journal, Action report)
{
    /// <summary>The root digest as it will be. The map stays as it is.</summary>
    /// <exception cref="Errors.StateException">Map or journal could not be read.</exception>
    public Digest ComputeRoot(IReadOnlyList<StagedRecord> records)
    {
        map.FinishGroups();
        var groups = map.GroupDigests.ToArray();
        var digestLength = hasher.Hash.DigestLength;
        foreach (var (group, entries) in Groups(records))
        {
            hasher.ComputeGroup(entries).Write(groups.AsSpan((int)group * digestLength, digestLength));
        }

        return hasher.Hash.Compute(groups);
    }

    /// <summary>Brings the map up to the journal.</summary>
    /// <exception cref="Errors.StateException">Map or journal could not be read, or the map not written.</exception>
    public void Apply(IReadOnlyList<StagedRecord> records)
    {
        foreach (var (group, entries) in Groups(records))
        {
            map.Set(BlockLayout.FirstBlockOf(group), entries);
        }
    }

    /// <summary>Each group that has changes, with its new entries, in order.</summary>
    private IEnumerable<(long Group, byte[] Entries)> Groups(IReadOnlyList<StagedRecord> records)
    {
        var group = -1L;
        byte[] entries = [];
        foreach (var staged in records)
        {
            report();
            var record = journal.Read(staged);
            for (var block = record.FirstBlock; block < record.FirstBlock + record.BlockCount; block++)
            {
                if (BlockLayout.GroupOf(block) != group)
                {
                    if (group >= 0)
                    {
                        yield return (group, entries);
                    }

                    group = BlockLayout.GroupOf(block);
                    entries = map.ReadGroup(group);
                }

                var signature =
                    record.Type == JournalRecordType.ZeroRun
                        ? new Signature(0, hasher.ZeroDigest(block))
                        : record.Signature;
                var at = (int)(block - BlockLayout.FirstBlockOf(group)) * hasher.EntryLength;
                BlockHasher.WriteEntry(signature, entries.AsSpan(at, hasher.EntryLength));
            }
        }

        if (group >= 0)
        {
            yield return (group, entries);
        }
    }
}
