using RsyncFs.Blocks;
using RsyncFs.Delta;
using RsyncFs.Errors;
using RsyncFs.Maps;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;

namespace RsyncFs;

/// <summary>Reads the source once and finds the blocks that the target does not have in place.</summary>
internal sealed class ChangeFinder(
    Scanner scanner,
    DigestMap map,
    RemoteTarget remote,
    Action<SessionPhase, long> report
)
{
    // So many groups are asked for at once, and so many questions are on their way: 64 KiB blocks of 1 GiB in all.
    private const int GroupsPerQuery = 16;
    private const int QueriesUnderWay = 4;

    /// <summary>True if what the target has in the blocks that differ is kept, for the search for moved content.</summary>
    public bool KeepsBase { get; init; } = true;

    private readonly BlockLayout _layout = remote.Format.Layout;
    private readonly int _digestLength = remote.Format.DigestLength;
    private readonly int _entryLength = BlockHasher.EntryLengthOf(remote.Format.DigestLength);

    /// <summary>Compares with the sender's own map, which is of the target's generation, and brings the map up to the source.</summary>
    public async Task<Changes> FindByDigestAsync(CancellationToken cancellationToken)
    {
        var changes = new Changes(new BlockSet(_layout.BlockCount), new BaseSignatures());
        await scanner.ScanAsync(
            (blocks, _) =>
            {
                map.Replace(blocks.FirstBlock, blocks.Entries, (block, old) => Add(changes, block, old));
                report(SessionPhase.Scan, blocks.Extent.EndBytes);
                return ValueTask.CompletedTask;
            },
            cancellationToken
        );
        return changes;
    }

    /// <summary>Compares group digests, then the signatures of the groups that differ. Both ends read at the same time.</summary>
    public async Task<Changes> FindByCompareAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var theirs = remote.ReceiveGroupDigestsAsync(either.Token);
        await FirstFailure.OfAsync(either, theirs, ScanAsync(either.Token));
        map.FinishGroups();
        return await CompareGroupsAsync(await theirs, cancellationToken);
    }

    /// <summary>Compares what the target has with what it should have, in some blocks taken for unchanged.</summary>
    /// <exception cref="RsyncFsException">One of them is something else (<see cref="ErrorId.AuditFailed"/>): the shortcut lied. Nothing was written.</exception>
    public async Task AuditAsync(IReadOnlyList<long> sample, CancellationToken cancellationToken)
    {
        if (sample.Count == 0)
        {
            return;
        }

        await remote.AskAsync(new AuditQuery(sample), cancellationToken);
        var theirs = (await remote.NextAsync<AuditDigests>(cancellationToken)).Digests;
        for (var i = 0; i < sample.Count; i++)
        {
            var digest = Digest.Read(theirs.Span.Slice(i * _digestLength, _digestLength));
            if (digest != map.ReadEntry(sample[i]).Strong)
            {
                map.BreakSeal();
                throw new RsyncFsException(
                    ErrorId.AuditFailed,
                    "a sampled block of the target is not what it was taken for"
                )
                {
                    Where = $"offset {_layout.OffsetOf(sample[i])} of the target",
                    Cause =
                        "the digest maps of both ends agree, and the device differs: it was written by somebody else, or it is failing",
                    Hint = "run again: the target will be read and compared; find out what writes to it",
                };
            }
        }
    }

    private async Task ScanAsync(CancellationToken cancellationToken)
    {
        await scanner.ScanAsync(
            (blocks, _) =>
            {
                map.Set(blocks.FirstBlock, blocks.Entries);
                report(SessionPhase.Scan, blocks.Extent.EndBytes);
                return ValueTask.CompletedTask;
            },
            cancellationToken
        );
        // From here on this end waits, however long the other still reads: that it gets nowhere is no fault of it.
        report(SessionPhase.Idle, _layout.LengthBytes);
    }

    private async Task<Changes> CompareGroupsAsync(byte[] theirs, CancellationToken cancellationToken)
    {
        var ours = map.GroupDigests;
        var differing = new BlockSet(_layout.GroupCount);
        for (var group = 0L; group < _layout.GroupCount; group++)
        {
            var at = (int)group * _digestLength;
            if (!ours.Span.Slice(at, _digestLength).SequenceEqual(theirs.AsSpan(at, _digestLength)))
            {
                differing.Add(group);
            }
        }

        var changes = new Changes(new BlockSet(_layout.BlockCount), new BaseSignatures());
        var asked = new Queue<SignatureQuery>();
        var next = 0L;
        while (true)
        {
            while (asked.Count < QueriesUnderWay && NextQuery(differing, ref next) is { } query)
            {
                await remote.AskAsync(query, cancellationToken);
                asked.Enqueue(query);
            }

            if (!asked.TryDequeue(out var answered))
            {
                return changes;
            }

            for (var i = 0; i < answered.GroupCount; i++)
            {
                CompareBlocks(await remote.NextAsync<Signatures>(cancellationToken), changes);
            }
        }
    }

    private static SignatureQuery? NextQuery(BlockSet differing, ref long next)
    {
        var first = differing.NextFrom(next);
        if (first < 0)
        {
            return null;
        }

        var count = 1;
        while (count < GroupsPerQuery && differing.Contains(first + count))
        {
            count++;
        }

        next = first + count;
        return new SignatureQuery(first, count);
    }

    private void CompareBlocks(Signatures theirs, Changes changes)
    {
        var ours = map.ReadGroup(theirs.Group);
        var first = BlockLayout.FirstBlockOf(theirs.Group);
        for (var at = 0; at < ours.Length; at += _entryLength)
        {
            var theirEntry = theirs.Entries.Span.Slice(at, _entryLength);
            if (!theirEntry.SequenceEqual(ours.AsSpan(at, _entryLength)))
            {
                Add(changes, first + (at / _entryLength), BlockHasher.ReadEntry(theirEntry));
            }
        }
    }

    private void Add(Changes changes, long block, Signature old)
    {
        changes.Blocks.Add(block);
        if (KeepsBase)
        {
            changes.Base.Add(block, old);
        }
    }
}
