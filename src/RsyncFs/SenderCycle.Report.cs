using RsyncFs.Blocks;
using RsyncFs.Delta;
using RsyncFs.Protocol.Messages;

namespace RsyncFs;

/// <content>What a cycle tells when it is over.</content>
internal sealed partial class SenderCycle
{
    /// <summary>What the cycle did.</summary>
    public CycleReport Report(
        PlanChoice choice,
        Applied? applied,
        long targetBytesRead,
        SenderSession session
    )
    {
        var shared = _shared?.BytesTakenOver ?? 0;
        var looked = Scanner.BytesRead + _bytesReadToShip + (Chosen.Tracked?.BytesRead ?? 0);
        return new CycleReport
        {
            Purpose = _options.Purpose,
            Plan = choice.Plan,
            TargetStatus = _remote.State.Status,
            PlanReason = choice.Reason,
            ApplyMode = choice.ApplyMode,
            Generation = applied?.Generation ?? _remote.State.Generation,
            IsInitial = _remote.State.Status == TargetStatus.Empty,
            IsResumed = Resumed is not null,
            IsFuzzy = _snapshot.IsFuzzy,
            DeviceBytes = _hasher.Layout.LengthBytes,
            BlockSizeBytes = _hasher.Layout.BlockSizeBytes,
            SourceBytesRead = looked - shared,
            SourceBytesShared = shared,
            TargetBytesRead = targetBytesRead,
            MetadataBytesRead = (Chosen.Tracked?.MetadataBytesRead ?? 0) + _snapshot.MetadataBytesRead,
            BaseCopiedBytes = Chosen.Tracked?.BaseCopiedBytes ?? 0,
            FreeBytes = _snapshot.FreeBytes,
            TargetBytesWritten = applied?.BytesWritten ?? 0,
            ChangedBlocks = _changedBlocks,
            LiteralBytes = Sender.Totals.LiteralBytes,
            StoredBytes = Sender.Totals.StoredBytes,
            Compression = _encoder.Compression,
            CopiedBytes = Sender.Totals.CopiedBytes,
            PatchedBytes = Sender.Totals.PatchedBytes,
            PatchedStoredBytes = Sender.Totals.PatchedStoredBytes,
            ZeroedBytes = Sender.Totals.ZeroedBytes,
            BytesSent = session.BytesSent + (IsEstimate ? Sender.Totals.DeltaBytes : 0),
            BytesReceived = session.BytesReceived,
            Duration = session.Elapsed,
            Phases = session.Phases,
        };
    }
}
