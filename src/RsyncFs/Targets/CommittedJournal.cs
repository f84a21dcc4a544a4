using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Journals;

namespace RsyncFs.Targets;

/// <summary>
/// A journal behind its commit point: the generation in it can not be lost any more, and only has to be brought onto
/// the target. The same for a commit and for the recovery after a crash.
/// </summary>
/// <param name="target">The target, which is durably <see cref="TargetStatus.Committed"/>.</param>
/// <param name="hasher">Its layout and hash.</param>
/// <param name="journal">The journal.</param>
internal sealed class CommittedJournal(Target target, BlockHasher hasher, Journal journal)
{
    // A device that fails so often in a row needs a person.
    public const int MaxTries = 3;

    /// <summary>True if it did not work at the first try: what was written is then not what was counted.</summary>
    public bool WasRetried { get; private set; }

    /// <summary>
    /// Writes every record and flushes the target. What fails is done again from the first record: of a flush that
    /// failed nobody knows what it lost (I7).
    /// </summary>
    /// <exception cref="RefusedException">It can not be done; the target is durably faulted, and its journal is kept (<see cref="ErrorId.TargetFaulted"/>).</exception>
    /// <exception cref="StateException">The fault may not be durable.</exception>
    public void Apply(Action<UpdateStep, long> progress)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                progress(UpdateStep.Apply, 0);
                new JournalApply(target, hasher.Layout, journal).Run(journal.InBlockOrder(), progress);
                progress(UpdateStep.Flush, 1);
                target.Device.Flush();
                return;
            }
            catch (RsyncFsException failure) when (failure is DeviceException or StateException)
            {
                WasRetried = true;
                if (attempt == MaxTries)
                {
                    throw Fault(failure);
                }
            }
        }
    }

    /// <summary>
    /// Reads every block that was written, and compares it with what it must be. A block of which only some pages were
    /// in the journal proves only if the others are still what they were.
    /// </summary>
    /// <returns>The first block that is something else, or -1.</returns>
    /// <exception cref="DeviceException">The target could not be read.</exception>
    /// <exception cref="StateException">The journal could not be read.</exception>
    public long FindUnproven()
    {
        var buffer = new AlignedBuffer(hasher.Layout.BlockSizeBytes);
        foreach (var staged in journal.InBlockOrder())
        {
            var record = journal.Read(staged);
            for (var block = record.FirstBlock; block < record.FirstBlock + record.BlockCount; block++)
            {
                var content = buffer.Span[..hasher.Layout.LengthOf(block)];
                target.Device.Read(hasher.Layout.OffsetOf(block), content);
                var expected =
                    record.Type == JournalRecordType.ZeroRun
                        ? hasher.ZeroDigest(block)
                        : record.Signature.Strong;
                if (hasher.Hash.Compute(content) != expected)
                {
                    return block;
                }
            }
        }

        return -1;
    }

    private RefusedException Fault(RsyncFsException failure)
    {
        target.Save(
            target.Record! with
            {
                Status = TargetStatus.Faulted,
                ChangedAt = target.Services.Clock.GetUtcNow(),
            }
        );
        return new RefusedException(ErrorId.TargetFaulted, "a committed generation could not be applied")
        {
            Where = target.Where,
            Cause = $"{failure.Message}: {failure.Cause} (tried {MaxTries} times)",
            Hint =
                "look at the device and the kernel's log, then restart the receiver: it goes on from its journal",
        };
    }
}
