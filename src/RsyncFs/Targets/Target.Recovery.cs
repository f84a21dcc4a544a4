using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Journals;

namespace RsyncFs.Targets;

/// <content>What is done before anybody gets the target: whatever an earlier process or session left is settled, without the sender (C9).</content>
public sealed partial class Target
{
    private void Settle()
    {
        _state?.Dispose();
        _state = StateFile.TryOpen(_directory, _services);
        if (_state is not null)
        {
            // What can be read need not be on the disk: the process that wrote it may have died before its flush. It is
            // made durable before anybody believes it, and before anything is thrown away because of it.
            _directory.Flush();
            _state.SaveInBoth(_state.Record);
        }

        if (Record is { } record && !record.Status.HoldsDevice())
        {
            GiveUpDevice();
            Journal.Discard(_directory);
        }
        else
        {
            _device ??= _openDevice();
            SettleJournal();
        }

        _isUnsettled = false;
    }

    private void SettleJournal()
    {
        using var journal = Journal.TryOpen(_directory, long.MaxValue);
        switch (Record)
        {
            case { Status: TargetStatus.Committed or TargetStatus.Faulted, Pending: { } pending }:
                SettleCommitted(journal, pending);
                return;
            case { Status: TargetStatus.Consistent } when journal is { CommitRecord: not null }:
                SettleWhole(journal);
                return;
            case { Status: TargetStatus.Committed }:
                // Of what it is between two generations, nothing is known: the journal stays for a person to look at.
                MarkFaulted();
                return;
            case { Status: TargetStatus.Consistent } when journal is { Marks.Count: > 0 }:
                // A part of a delta: the sender may come back and go on.
                return;
            case null when journal is { CommitRecord: not null }:
                throw WholeWithoutState();
            default:
                DiscardForGood(journal);
                return;
        }
    }

    /// <summary>A journal becomes whole only where there is a state: it was lost, and the generation in the journal must not be lost with it.</summary>
    private StateException WholeWithoutState() =>
        new(
            ErrorId.StateDamaged,
            "the state of a target is missing, and its journal holds a whole generation"
        )
        {
            Where = _directory.Name,
            Cause = "nothing tells what the device holds; the journal may be what makes it whole",
            Hint =
                "restore the state file from a backup; to give that generation up, move the directory away, and take the "
                + "device in anew: rsyncfs target adopt NAME=DEVICE",
        };

    private void SettleCommitted(Journal? journal, PendingGeneration pending)
    {
        if (journal?.CommitRecord is null || journal.Pending() != pending)
        {
            // Its records were durable before the state named it: this disk has lost what it promised to keep.
            MarkFaulted();
            return;
        }

        Redo(journal);
    }

    /// <summary>
    /// A whole journal of which the state does not speak: only the last word before the commit point was lost. If it
    /// leads on from where the target is, it rolls forward; the sender recognises the generation that it proposed.
    /// </summary>
    private void SettleWhole(Journal journal)
    {
        var header = journal.Header;
        var continues =
            header.Base == Record!.Generation
            && header.Volume == Record.Volume
            && header.LengthBytes == Device.LengthBytes;
        if (!continues)
        {
            DiscardForGood(journal);
            return;
        }

        journal.MakeDurableAgain();
        Redo(journal);
    }

    /// <summary>A whole journal that came back after a loss of power could fit what the target is then.</summary>
    private void DiscardForGood(Journal? journal)
    {
        Journal.Discard(_directory);
        if (journal is { CommitRecord: not null })
        {
            _directory.Flush();
        }
    }

    private void Redo(Journal journal)
    {
        if (!IsDeviceOfRecord)
        {
            // The journal waits for the device that it was made for; other targets are served. What the state does not
            // speak of yet stays as it is, and whoever asks for the target is told of the other device.
            if (Record!.Pending is not null)
            {
                MarkFaulted();
            }

            return;
        }

        var hasher = new BlockHasher(
            new BlockLayout(Device.LengthBytes, journal.Header.Volume.BlockSizeBytes),
            journal.Header.Volume.Hash
        );
        var begun = Record!;
        var committed = begun with
        {
            Status = TargetStatus.Committed,
            Volume = journal.Header.Volume,
            Pending = journal.Pending(),
        };
        // Afresh, in both slots: what a failed flush left readable is not on the disk before it is written again.
        _state!.SaveInBoth(committed);
        var redo = new CommittedJournal(this, hasher, journal);
        try
        {
            redo.Apply((_, _) => { });
        }
        catch (RefusedException)
        {
            // Durably faulted: senders and people are told so, and other targets can be served.
            return;
        }

        if (FindUnproven(redo) is not { } unproven)
        {
            MarkFaulted();
            return;
        }

        var settled = GenerationRecord.Consistent(committed, journal);
        _state.SaveInBoth(
            unproven < 0
                ? settled
                : settled with
                {
                    Status = TargetStatus.Diverged,
                    ChangedAt = _services.Clock.GetUtcNow(),
                }
        );
        Journal.Discard(_directory);
    }

    /// <summary>The first block that does not prove, or -1; null if the device can not be read, however often it is tried.</summary>
    private static long? FindUnproven(CommittedJournal redo)
    {
        for (var attempt = 1; attempt <= CommittedJournal.MaxTries; attempt++)
        {
            try
            {
                return redo.FindUnproven();
            }
            catch (RsyncFsException failure) when (failure is DeviceException or StateException)
            {
                // The next try begins with the first block.
            }
        }

        return null;
    }

    /// <summary>A redo must not meet another device than the one that the journal was made for.</summary>
    private bool IsDeviceOfRecord => Record!.MayBeOn(Device);

    private void MarkFaulted()
    {
        if (Record!.Status != TargetStatus.Faulted)
        {
            Save(Record with { Status = TargetStatus.Faulted, ChangedAt = _services.Clock.GetUtcNow() });
        }
    }
}
