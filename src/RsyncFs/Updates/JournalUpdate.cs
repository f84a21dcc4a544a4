using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Journals;
using RsyncFs.Maps;
using RsyncFs.Targets;

namespace RsyncFs.Updates;

/// <summary>
/// Stages the whole delta, proven against generation N, before the first write to the target: until the commit point
/// the target is generation N, and from there on N+1 can not be lost.
/// </summary>
/// <remarks>
/// Flushes of one commit, in order: the journal's directory (when the first record comes), the journal, the state
/// (the commit point), the target, the map (entries, then seal), the state. An unchanged source costs one. Where the
/// target had to be read to know what is on it, it is flushed before the commit point as well.
/// </remarks>
internal sealed class JournalUpdate : ITargetUpdate
{
    private readonly UpdateContext _context;
    private readonly DigestMap _map;
    private readonly BlockResolver _resolver;
    private readonly long _limitBytes;
    private readonly StagedBlocks _staged;
    private Journal? _journal;
    private GenerationEnd? _end;
    private long _steps;

    /// <summary>Begins, or goes on with what an interrupted delta left.</summary>
    /// <param name="context">The target.</param>
    /// <param name="map">The signatures of generation N.</param>
    /// <param name="resolver">Makes and proves the blocks.</param>
    /// <param name="partial">The journal to go on with, gone back to where the sender begins; null for a new one, which is made when the first record comes.</param>
    /// <param name="limitBytes">The journal never grows beyond.</param>
    public JournalUpdate(
        UpdateContext context,
        DigestMap map,
        BlockResolver resolver,
        Journal? partial,
        long limitBytes
    )
    {
        _context = context;
        _map = map;
        _resolver = resolver;
        _journal = partial;
        _limitBytes = limitBytes;
        _staged = new StagedBlocks(context.Hasher.Layout);
        foreach (var staged in partial?.Staged ?? [])
        {
            _staged.Add(staged.FirstBlock, staged.BlockCount);
        }
    }

    private Target Target => _context.Target;

    /// <inheritdoc/>
    public bool Stage(DeltaRecord record)
    {
        if (record is ZeroRun run)
        {
            _staged.Add(run.FirstBlock, run.BlockCount);
            _context.NoteZeros();
            Append(JournalRecord.OfZeros(run.FirstBlock, run.BlockCount));
            return true;
        }

        var change = (BlockChange)record;
        if (_resolver.Resolve(change) is not { } signature)
        {
            return false;
        }

        _staged.Add(change.FirstBlock, blockCount: 1);
        Append(change.IsLiteral ? AsReceived(change, signature) : AsLiteral(change, signature));
        return true;
    }

    /// <inheritdoc/>
    public void Checkpoint(long recordCount, Digest chain)
    {
        if (_journal is not null)
        {
            WithinLimit(() => _journal.Mark(recordCount, chain));
        }
    }

    /// <inheritdoc/>
    /// <exception cref="RsyncFsException">The root digest is another (<see cref="ErrorId.RootMismatch"/>). The target stays at its generation.</exception>
    /// <exception cref="DeviceException">What the delta rests on could not be made durable. The target is what it was.</exception>
    /// <exception cref="StateException">A state file could not be written. The target is at its generation, or the new one is committed and will be applied; the next opening tells which.</exception>
    public bool MakeDurable(GenerationEnd end, Action<UpdateStep, long> progress)
    {
        _context.EnsureComplete(_staged.Count);
        _end = end;
        progress(UpdateStep.Apply, 0);
        _journal?.Drain();
        var root = Overlay(progress)?.ComputeRoot(_journal!.InBlockOrder()) ?? _map.ComputeRoot();
        if (root != end.Root)
        {
            throw WrongRoot(end.Root, root);
        }

        EnsureUntouched();
        if (IsUnchanged)
        {
            return false;
        }

        progress(UpdateStep.Flush, 0);
        MakeBaseDurable();
        CommitJournal(end);
        return true;
    }

    /// <inheritdoc/>
    /// <exception cref="RefusedException">The target could not be written: it is durably faulted, and goes on from its journal. Or somebody else wrote it meanwhile: it is durably diverged.</exception>
    /// <exception cref="StateException">A state file could not be written. The new generation is committed, and will be applied when the target is opened.</exception>
    public Guid Apply(Action<UpdateStep, long> progress)
    {
        if (IsUnchanged)
        {
            return KeepGeneration(_end!);
        }

        var committed = new CommittedJournal(Target, _context.Hasher, _journal!);
        committed.Apply(progress);
        var settled = GenerationRecord.Consistent(Target.Record!, _context.Start, _end!);
        if (_context.ReadEvidenceIfOurs() is { } evidence)
        {
            BringMapUp(evidence, progress);
        }
        else if (!committed.WasRetried && !_context.HasZeroed)
        {
            throw Diverge(settled);
        }

        Target.Save(settled);
        _journal!.Dispose();
        DiscardJournal();
        return _context.Start.Id;
    }

    /// <summary>Closes the journal. One with a checkpoint stays for the sender to go on from; whatever is committed stays until it is applied.</summary>
    public void Dispose()
    {
        _journal?.Dispose();
        if (_journal is { Marks.Count: 0, CommitRecord: null })
        {
            DiscardJournal();
        }
    }

    private void DiscardJournal()
    {
        try
        {
            Target.DiscardJournal();
        }
        catch (StateException)
        {
            // It is of no use to anybody, and is removed when the target is settled or the next journal begins.
        }
    }

    private bool IsUnchanged =>
        (_journal?.RecordCount ?? 0) == 0
        && Target.Record is { Status: TargetStatus.Consistent } record
        && record.Root == _end!.Root;

    private MapOverlay? Overlay(Action<UpdateStep, long> progress) =>
        _journal is null
            ? null
            : new MapOverlay(_map, _context.Hasher, _journal, () => progress(UpdateStep.Apply, ++_steps));

    private void Append(JournalRecord record)
    {
        WithinLimit(() =>
        {
            _journal ??= CreateJournal();
            _journal.Append(record);
        });
    }

    private void WithinLimit(Action append)
    {
        try
        {
            append();
        }
        catch (RefusedException overflow) when (overflow.Id == ErrorId.JournalFull)
        {
            // Durably, so that the next attempt does not run into the same wall (C8).
            RememberOverflow();
            throw;
        }
    }

    private void RememberOverflow()
    {
        DropJournal();
        Target.Save(Target.Record! with { OverflowLimitBytes = Math.Max(1, _limitBytes) });
    }

    private Journal CreateJournal() =>
        Target.CreateJournal(
            new JournalHeader(
                Target.Services.NewId(),
                _context.Volume,
                Target.Device.LengthBytes,
                Target.Record!.Generation,
                _context.Start.Id,
                _context.Start.DataTime,
                Target.Services.Clock.GetUtcNow(),
                _context.Evidence
            ),
            _limitBytes
        );

    /// <summary>
    /// The commit point. When the state can not be written nobody knows on which side of it the target is; it then
    /// takes nobody before it was settled anew from its files.
    /// </summary>
    private void CommitJournal(GenerationEnd end)
    {
        PendingGeneration? pending = null;
        WithinLimit(() =>
        {
            _journal ??= CreateJournal();
            Target.Unsettle();
            pending = _journal.Commit(end);
        });
        Target.Save(_context.BegunRecord(TargetStatus.Committed) with { Pending = pending });
        // Whatever fails from here on, nobody gets the target before the journal is on it.
        Target.Unsettle();
        // The map is about to become that of the new generation; nobody believes the seal of the old one any more.
        _map.ForgetSeal();
    }

    /// <summary>
    /// A delta holds only what differs from what was read, and what was read, rather than known, may lie in a cache:
    /// behind the commit point a loss of power would leave the delta on something else.
    /// </summary>
    private void MakeBaseDurable()
    {
        if (Target.Record is { Status: TargetStatus.Consistent } && _map.Sealed is not null)
        {
            return;
        }

        try
        {
            Target.Device.Flush();
        }
        catch (DeviceException)
        {
            // What was read may be gone, and with it what was staged upon it: nothing of that is gone on with (I7).
            DropJournal();
            throw;
        }
    }

    private void DropJournal()
    {
        _journal?.Dispose();
        Target.DiscardJournal();
        _journal = null;
    }

    /// <summary>The map is derived: where it can not be written it is void, and the target is read the next time.</summary>
    private void BringMapUp(ChangeEvidence evidence, Action<UpdateStep, long> progress)
    {
        try
        {
            Overlay(progress)!.Apply(_journal!.InBlockOrder());
            _map.Seal(_context.Start.Id, evidence);
        }
        catch (StateException)
        {
            // It stays without a seal of this generation.
        }
    }

    /// <summary>
    /// Everything staged was proven against generation N; if somebody else has written the target since, it is that no
    /// more, and nothing may be made of it (C2, C9).
    /// </summary>
    private void EnsureUntouched()
    {
        _context.EnsureParent();
        if (Target.Device.ReadEvidence() != _context.Evidence)
        {
            Target.MarkDiverged();
            throw new RefusedException(
                ErrorId.TargetInUse,
                "somebody else wrote the target during the session"
            )
            {
                Where = Target.Where,
                Cause = "the system counted writes that were not ours",
                Hint =
                    "the target is marked diverged; find out what writes to it, then run again: it will be read and compared",
            };
        }
    }

    private RefusedException Diverge(TargetRecord settled)
    {
        Target.SaveInBoth(
            settled with
            {
                Status = TargetStatus.Diverged,
                ChangedAt = Target.Services.Clock.GetUtcNow(),
            }
        );
        return new RefusedException(
            ErrorId.TargetInUse,
            "somebody else wrote the target while it was updated"
        )
        {
            Where = Target.Where,
            Cause = "the system counted other writes than ours",
            Hint =
                "the target is marked diverged; find out what writes to it, then run again: it will be read and compared",
        };
    }

    /// <summary>Either the map was wrong, though there was every reason to believe it, or the delta is. Nothing of it is gone on from.</summary>
    private RsyncFsException WrongRoot(Digest expected, Digest actual)
    {
        _map.BreakSeal();
        DropJournal();
        return _context.RootMismatch(expected, actual, "the target stays at its generation");
    }

    /// <summary>An unchanged source makes no new generation: only the time of its data moves on.</summary>
    private Guid KeepGeneration(GenerationEnd end)
    {
        var record = Target.Record!;
        if (_map.Sealed is null)
        {
            _map.Seal(record.Generation, _context.Evidence);
        }

        Target.Save(GenerationRecord.Kept(record, _context.Start, end, _context.Epoch));
        return record.Generation;
    }

    private JournalRecord AsReceived(BlockChange change, Signature signature)
    {
        var pageCount = _context.Hasher.Layout.PageCountOf(change.FirstBlock);
        return JournalRecord.OfBlock(
            change.FirstBlock,
            signature,
            change.WrittenPages ?? new PageBitmap(pageCount),
            change.ZeroedPages ?? new PageBitmap(pageCount),
            change.Codec,
            change.Stored
        );
    }

    /// <summary>Copies and patches are made literal: after half an apply, what they were made of may be gone (C1).</summary>
    private JournalRecord AsLiteral(BlockChange change, Signature signature)
    {
        var layout = _context.Hasher.Layout;
        var pages = BlockResolver.ChangedPages(layout, change);
        var content = _resolver.ContentOf(change.FirstBlock);
        var literal = new byte[BlockChange.LengthOf(layout, change.FirstBlock, pages)];
        var to = literal.AsSpan();
        for (var page = 0; page < pages.PageCount; page++)
        {
            if (pages.Contains(page))
            {
                var from = content.Slice(
                    page * BlockLayout.PageSizeBytes,
                    layout.PageLengthOf(change.FirstBlock, page)
                );
                from.CopyTo(to);
                to = to[from.Length..];
            }
        }

        var none = new PageBitmap(pages.PageCount);
        var stored = new byte[literal.Length];
        var length = Target.Codecs.Lz4.Encode(literal, stored);
        return length > 0 && length < literal.Length
            ? JournalRecord.OfBlock(
                change.FirstBlock,
                signature,
                pages,
                none,
                CodecId.Lz4,
                stored.AsMemory(0, length)
            )
            : JournalRecord.OfBlock(change.FirstBlock, signature, pages, none, CodecId.Raw, literal);
    }
}
