using RsyncFs.Blocks;
using RsyncFs.Errors;

namespace RsyncFs.Targets;

/// <summary>
/// Stages the whole delta, proven against generation N, before the first write to the target: until the commit the
/// target is generation N, whatever happens.
/// </summary>
internal sealed class JournalUpdate : ITargetUpdate
{
    private readonly UpdateContext _context;
    private readonly DigestMap _map;
    private readonly BlockResolver _resolver;
    private readonly Journal _journal;
    private readonly StagedBlocks _staged;
    private long _steps;

    /// <summary>Begins an empty journal.</summary>
    /// <param name="context">The target.</param>
    /// <param name="map">The signatures of generation N.</param>
    /// <param name="resolver">Makes and proves the blocks.</param>
    /// <param name="journal">The journal; removed with the update.</param>
    public JournalUpdate(UpdateContext context, DigestMap map, BlockResolver resolver, Journal journal)
    {
        _context = context;
        _map = map;
        _resolver = resolver;
        _journal = journal;
        _staged = new StagedBlocks(context.Hasher.Layout);
    }

    /// <inheritdoc/>
    public bool Stage(DeltaRecord record)
    {
        if (record is ZeroRun run)
        {
            _staged.Add(run);
            _journal.Append(
                new JournalRecord(run.FirstBlock, run.BlockCount, default, null, null, CodecId.Raw, default)
            );
            return true;
        }

        var change = (BlockChange)record;
        if (_resolver.Resolve(change) is not { } signature)
        {
            return false;
        }

        _staged.Add(change);
        _journal.Append(
            change.Copies.Count == 0 ? AsReceived(change, signature) : AsLiteral(change, signature)
        );
        return true;
    }

    /// <inheritdoc/>
    public void Flush() => _journal.Flush();

    /// <inheritdoc/>
    /// <exception cref="RsyncFsException">The root digest is another (<see cref="ErrorId.RootMismatch"/>). The target stays at its generation.</exception>
    /// <exception cref="DeviceException">The target could not be written or flushed. It is durably marked inconsistent.</exception>
    /// <exception cref="StateException">A state file could not be written. The target is at its generation, or durably marked inconsistent, or is the new generation.</exception>
    public Guid Commit(GenerationEnd end, Action<UpdateStep, long> progress)
    {
        progress(UpdateStep.Flush, 0);
        Flush();
        progress(UpdateStep.Apply, 0);
        var records = _journal.InBlockOrder();
        var overlay = new MapOverlay(
            _map,
            _context.Hasher,
            _journal,
            () => progress(UpdateStep.Apply, ++_steps)
        );
        var root = overlay.ComputeRoot(records);
        if (root != end.Root)
        {
            // Either the map was wrong, though there was every reason to believe it, or the delta is.
            _map.BreakSeal();
            throw _context.RootMismatch(end.Root, root, "the target stays at its generation");
        }

        EnsureUntouched();
        if (records.Count == 0 && root == _context.Target.Record!.Root)
        {
            return KeepGeneration(end);
        }

        _map.BreakSeal();
        _context.Target.Save(_context.InconsistentRecord());
        new JournalApply(_context, _journal).Run(records, progress);
        progress(UpdateStep.Flush, 1);
        _context.Target.Device.Flush();
        _context.EnsureWrittenByUsAlone();
        overlay.Apply(records);
        _context.SealMap(_map, _context.Start.Id);
        _context.Target.Save(_context.ConsistentRecord(end));
        return _context.Start.Id;
    }

    /// <summary>Abandons what was staged. Before the commit the target is at its generation.</summary>
    public void Dispose() => _journal.Dispose();

    /// <summary>
    /// Everything staged was proven against generation N; if somebody else has written the target since, it is that no
    /// more, and nothing may be made of it (C2, C9).
    /// </summary>
    private void EnsureUntouched()
    {
        _context.EnsureParent();
        if (_context.Target.Device.ReadEvidence() != _context.Evidence)
        {
            _map.BreakSeal();
            throw new RefusedException(
                ErrorId.TargetInUse,
                "somebody else wrote the target during the session"
            )
            {
                Where = _context.Target.Where,
                Cause = "the system counted writes that were not ours",
                Hint = "find out what writes to it, then run again: it will be read and compared",
            };
        }
    }

    /// <summary>An unchanged source makes no new generation: only the time of its data moves on.</summary>
    private Guid KeepGeneration(GenerationEnd end)
    {
        var record = _context.Target.Record!;
        if (_map.Sealed is null)
        {
            _context.SealMap(_map, record.Generation);
        }

        _context.Target.Save(record with { DataTime = _context.Start.DataTime, IsFuzzy = end.IsFuzzy });
        return record.Generation;
    }

    private JournalRecord AsReceived(BlockChange change, Signature signature)
    {
        var pageCount = _context.Hasher.Layout.PageCountOf(change.FirstBlock);
        return new JournalRecord(
            change.FirstBlock,
            1,
            signature,
            change.WrittenPages ?? new PageBitmap(pageCount),
            change.ZeroedPages ?? new PageBitmap(pageCount),
            change.Codec,
            change.Stored
        );
    }

    /// <summary>Copies are made literal: after half an apply, what they were copied from may be gone (C1).</summary>
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
        return new JournalRecord(change.FirstBlock, 1, signature, pages, none, CodecId.Raw, literal);
    }
}
