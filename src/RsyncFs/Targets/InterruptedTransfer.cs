using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Journals;
using RsyncFs.State;

namespace RsyncFs.Targets;

/// <summary>
/// How much of a transfer that is not whole has come to a target, up to its last checkpoint. Read from the files for
/// people: nothing is opened to be gone on with, nothing is changed, and a session may be at work meanwhile.
/// </summary>
/// <param name="Generation">The generation that it would make.</param>
/// <param name="RecordCount">Records of the delta that are there: changed blocks, and runs of zeros.</param>
/// <param name="JournalBytes">What they take in the journal; null for a first copy, which is written in place.</param>
public sealed record InterruptedTransfer(Guid Generation, long RecordCount, long? JournalBytes)
{
    /// <summary>Looks at what <paramref name="directory"/> holds; null if there is nothing that could be gone on with.</summary>
    /// <param name="directory">The target's state directory.</param>
    /// <param name="record">What the target is.</param>
    /// <param name="now">The time: what was begun too long ago is not gone on with.</param>
    /// <exception cref="StateException">The files could not be read, or changed while they were.</exception>
    public static InterruptedTransfer? Find(
        IDurableDirectory directory,
        TargetRecord record,
        DateTimeOffset now
    ) =>
        record switch
        {
            { Status: TargetStatus.Consistent } => OfJournal(directory, record, now),
            { Status: TargetStatus.Initializing, Pending: { } pending } => OfFirstCopy(directory, pending.Id),
            _ => null,
        };

    private static InterruptedTransfer? OfFirstCopy(IDurableDirectory directory, Guid generation) =>
        Watermark.Load(directory) is { } mark && mark.Generation == generation
            ? new InterruptedTransfer(generation, mark.RecordCount, JournalBytes: null)
            : null;

    private static InterruptedTransfer? OfJournal(
        IDurableDirectory directory,
        TargetRecord record,
        DateTimeOffset now
    )
    {
        if (!directory.Exists(Journal.FileName))
        {
            return null;
        }

        using var file = directory.Open(Journal.FileName);
        var bytes = new byte[JournalHeader.HeaderBytes];
        if (file.LengthBytes < bytes.Length)
        {
            return null;
        }

        file.Read(0, bytes);
        return
            JournalHeader.TryDecode(bytes) is { } header
            && header.Base == record.Generation
            && header.Volume == record.Volume
            && header.LengthBytes == record.LengthBytes
            && now - header.BegunAt < Target.PartialLife
            ? Walk(file, header, JournalHeader.LinkOf(bytes))
            : null;
    }

    /// <summary>From head to head: a journal may be large, and what lies between is checked by whoever goes on with it.</summary>
    private static InterruptedTransfer? Walk(IDurableFile file, JournalHeader header, Digest link)
    {
        InterruptedTransfer? found = null;
        long at = JournalHeader.HeaderBytes;
        while (JournalRecord.TryReadHead(file, at, header.Transaction) is { } head && head.Link == link)
        {
            (at, link) = (at + head.LengthBytes, head.Checksum);
            switch (head.Type)
            {
                case JournalRecordType.Commit:
                    // It is whole: the next opening applies it.
                    return null;
                case JournalRecordType.Checkpoint:
                    found = new InterruptedTransfer(
                        header.Generation,
                        head.Number,
                        at - JournalHeader.HeaderBytes
                    );
                    break;
            }
        }

        return found;
    }
}
