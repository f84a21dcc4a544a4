using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Journals;
using RsyncFs.Maps;
using RsyncFs.Targets;

namespace RsyncFs.Updates;

/// <summary>
/// Writes each record as it comes: for first copies, for targets that are inconsistent already, and, where the receiver
/// allows it, for a delta that did not fit the journal, on a target that was whole. The target is durably marked
/// inconsistent before the first write and stays so until the commit. There are no copies and no patches: what they would read may
/// have been written already (C8).
/// </summary>
internal sealed class DirectUpdate : ITargetUpdate
{
    private readonly UpdateContext _context;
    private readonly DigestMap _map;
    private readonly BlockResolver _resolver;
    private readonly StagedBlocks _staged;
    private readonly RunWriter _writer;
    private GenerationEnd? _end;

    /// <summary>Marks the target inconsistent, durably.</summary>
    /// <param name="context">The target.</param>
    /// <param name="map">The signatures of what the target holds; brought up to what is written.</param>
    /// <param name="resolver">Makes and proves the blocks.</param>
    /// <exception cref="StateException">The mark may not be durable. Nothing was written to the device.</exception>
    public DirectUpdate(UpdateContext context, DigestMap map, BlockResolver resolver)
    {
        _context = context;
        _map = map;
        _resolver = resolver;
        _staged = new StagedBlocks(context.Hasher.Layout);
        _writer = new RunWriter(context.Target.Device);
        // The mark is durable before the first write. A target that was whole once says that it was.
        var isFirst = context.IsFirstCopy;
        context.Target.SaveInBoth(
            context.BegunRecord(isFirst ? TargetStatus.Initializing : TargetStatus.Direct)
        );
        _map.ForgetSeal();
    }

    /// <inheritdoc/>
    public bool Stage(DeltaRecord record)
    {
        if (record is ZeroRun run)
        {
            _staged.Add(run.FirstBlock, run.BlockCount);
            _context.NoteZeros();
            _writer.Flush();
            _context.Target.Device.Zero(_context.Hasher.Layout.ExtentOf(run.FirstBlock, run.BlockCount));
            ZeroEntries.Set(_map, _context.Hasher, run.FirstBlock, run.BlockCount);
            return true;
        }

        var change = (BlockChange)record;
        if (!change.IsLiteral)
        {
            throw new ProtocolException(
                $"block {change.FirstBlock} has a copy or a patch in an update in place"
            );
        }

        if (!BlockResolver.NamesEveryPage(_context.Hasher.Layout, change))
        {
            // Its other pages will be read from the device; what is on its way there must have arrived.
            _writer.Flush();
        }

        if (_resolver.Resolve(change) is not { } signature)
        {
            return false;
        }

        _staged.Add(change.FirstBlock, blockCount: 1);
        Write(change);
        Span<byte> entry = stackalloc byte[_context.Hasher.EntryLength];
        BlockHasher.WriteEntry(signature, entry);
        _map.Set(change.FirstBlock, entry);
        return true;
    }

    /// <inheritdoc/>
    public void Checkpoint(long recordCount, Digest chain)
    {
        Flush();
        _context.Target.Save(new Watermark(_context.Start.Id, recordCount, chain));
    }

    /// <inheritdoc/>
    /// <exception cref="DeviceException">The target could not be written. It stays marked inconsistent.</exception>
    /// <exception cref="RsyncFsException">The root digest is another (<see cref="ErrorId.RootMismatch"/>). The target stays marked inconsistent.</exception>
    public bool MakeDurable(GenerationEnd end, Action<UpdateStep, long> progress)
    {
        _context.EnsureComplete(_staged.Count);
        _end = end;
        _writer.Flush();
        var root = _map.ComputeRoot();
        if (root == end.Root)
        {
            return false;
        }

        // What was taken for copied may not be: nothing is gone on from, and the next run compares.
        _context.Target.DiscardWatermark();
        throw _context.RootMismatch(end.Root, root, "the target stays marked inconsistent");
    }

    /// <inheritdoc/>
    /// <exception cref="DeviceException">The target could not be flushed. It stays marked inconsistent.</exception>
    /// <exception cref="RefusedException">Somebody else wrote it meanwhile. It stays marked inconsistent.</exception>
    /// <exception cref="StateException">The record of the generation may not be durable. The target is marked inconsistent, or is the generation.</exception>
    public Guid Apply(Action<UpdateStep, long> progress)
    {
        progress(UpdateStep.Flush, 0);
        Flush();
        var evidence = _context.ReadEvidenceIfOurs();
        if (evidence is null && !_context.HasZeroed)
        {
            _context.Target.DiscardWatermark();
            throw new RefusedException(
                ErrorId.TargetInUse,
                "somebody else wrote the target while it was updated"
            )
            {
                Where = _context.Target.Where,
                Cause = "the system counted other writes than ours",
                Hint = "the target is marked inconsistent; find out what writes to it, then run again",
            };
        }

        if (evidence is not null)
        {
            _map.Seal(_context.Start.Id, evidence);
        }

        _context.Target.Save(GenerationRecord.Consistent(_context.Target.Record!, _context.Start, _end!));
        return _context.Start.Id;
    }

    /// <summary>Abandons the update. What was written stays, and so does the mark.</summary>
    public void Dispose() { }

    private void Flush()
    {
        _writer.Flush();
        _context.Target.Device.Flush();
    }

    private void Write(BlockChange change)
    {
        var layout = _context.Hasher.Layout;
        var content = _resolver.ContentOf(change.FirstBlock);
        var pages = BlockResolver.ChangedPages(layout, change);
        if (pages.Count == pages.PageCount)
        {
            _writer.Write(layout.OffsetOf(change.FirstBlock), content);
        }
        else
        {
            PageWriter.Write(_context.Target.Device, layout, change.FirstBlock, content, pages);
        }
    }
}
