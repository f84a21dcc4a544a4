using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Journals;
using RsyncFs.Targets;

namespace RsyncFs;

/// <summary>What an interrupted delta left at the receiver: offered to the sender, and gone on with or dropped.</summary>
internal sealed class InterruptedDelta : IDisposable
{
    private readonly Target _target;
    private Journal? _journal;

    private InterruptedDelta(Target target, Journal? journal, DeltaPosition position)
    {
        _target = target;
        _journal = journal;
        Position = position;
    }

    /// <summary>How far it got, durably; no place at all where there is nothing.</summary>
    public DeltaPosition Position { get; }

    /// <summary>Nothing to go on with.</summary>
    public static InterruptedDelta None(Target target) => new(target, journal: null, default);

    /// <summary>Looks for the first records of a journal, or for the watermark of a first copy.</summary>
    /// <param name="target">The target.</param>
    /// <param name="find">Opens the journal, if the target is one that is updated by journal.</param>
    /// <exception cref="StateException">The files could not be read.</exception>
    public static InterruptedDelta Open(Target target, Func<Journal?> find)
    {
        var journal = find();
        if (journal is { Header.Generation: var generation, Marks: [.., var last] })
        {
            var position = new DeltaPosition(generation, last.RecordCount, last.Chain);
            return new InterruptedDelta(target, journal, position);
        }

        return target.LoadWatermark() is { } mark
            ? new InterruptedDelta(
                target,
                journal: null,
                new DeltaPosition(mark.Generation, mark.RecordCount, mark.Chain)
            )
            : None(target);
    }

    /// <summary>A delta can be gone on with only where something of it is, and not from beyond that.</summary>
    /// <exception cref="ProtocolException">The sender wants more.</exception>
    public void Check(DeltaPosition resumed)
    {
        if (resumed.IsNone)
        {
            return;
        }

        if (resumed.Generation != Position.Generation || resumed.RecordCount > Position.RecordCount)
        {
            throw new ProtocolException("a delta is gone on with of which there is nothing here");
        }
    }

    /// <summary>The journal, cut where the sender begins; null if the delta begins anew: then what there was is gone.</summary>
    /// <exception cref="ProtocolException">There never was a checkpoint at that place.</exception>
    /// <exception cref="StateException">A journal could not be removed.</exception>
    public Journal? Take(DeltaPosition resumed)
    {
        var journal = _journal;
        _journal = null;
        if (journal is null || resumed.IsNone)
        {
            journal?.Dispose();
            _target.DiscardJournal();
            return null;
        }

        foreach (var mark in journal.Marks)
        {
            if (mark.RecordCount == resumed.RecordCount && mark.Chain == resumed.Chain)
            {
                journal.GoBackTo(mark);
                return journal;
            }
        }

        // It can never be gone on with from there; without it, the next session begins anew.
        journal.Dispose();
        _target.DiscardJournal();
        throw new ProtocolException("a delta is gone on with from a place that was never durable here");
    }

    /// <inheritdoc/>
    public void Dispose() => _journal?.Dispose();
}
