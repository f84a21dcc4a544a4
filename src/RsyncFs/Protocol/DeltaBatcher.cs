using RsyncFs.Blocks;
using RsyncFs.Protocol.Messages;

namespace RsyncFs.Protocol;

/// <summary>
/// Gathers records into messages that are large enough to be cheap and small enough to leave the line free for
/// others. For one caller at a time. The bytes that a record points to must stay as they are until its message was
/// sent.
/// </summary>
public sealed class DeltaBatcher
{
    private readonly SessionFormat _format;
    private List<DeltaRecord> _records = [];
    private long _nextBlock;

    /// <summary>An empty batch for a session of <paramref name="format"/>.</summary>
    public DeltaBatcher(SessionFormat format)
    {
        _format = format;
    }

    /// <summary>Payload bytes that a message is filled to. A single record may take more.</summary>
    public int TargetBytes { get; private set; } = ProtocolLimits.DeltaTargetBytes;

    /// <summary>Payload bytes gathered so far, at most.</summary>
    public int GatheredBytes { get; private set; }

    /// <summary>
    /// Adds a record. If it does not fit, or does not ascend, the records before it are given back as a message to be
    /// sent; else null.
    /// </summary>
    public DeltaBatch? Add(DeltaRecord record)
    {
        var size = DeltaBatch.SizeOf(record, _format);
        var fits =
            GatheredBytes + size <= TargetBytes
            && _records.Count < ProtocolLimits.DeltaRecordCount
            && record.FirstBlock >= _nextBlock;
        var full = fits ? null : Take();
        _records.Add(record);
        GatheredBytes += size;
        _nextBlock = record.FirstBlock + record.BlockCount;
        return full;
    }

    /// <summary>The records gathered since the last message, as a message; null if there are none.</summary>
    public DeltaBatch? Take()
    {
        if (_records.Count == 0)
        {
            return null;
        }

        var delta = new DeltaBatch(_records);
        _records = [];
        GatheredBytes = 0;
        _nextBlock = 0;
        return delta;
    }

    /// <summary>
    /// Fits the target to a line that takes <paramref name="bytesPerSecond"/> (0 means unknown), and of which this end
    /// uses <paramref name="limitBytesPerSecond"/> at most (null: all), so that no frame blocks it for longer than
    /// <see cref="ProtocolLimits.FrameTarget"/>, or <see cref="ProtocolLimits.LimitedFrameTarget"/>: never below one
    /// block, never above the default.
    /// </summary>
    public void Adapt(double bytesPerSecond, long? limitBytesPerSecond)
    {
        var least = Math.Min(_format.Layout.BlockSizeBytes, ProtocolLimits.DeltaTargetBytes);
        var measured =
            bytesPerSecond <= 0 ? double.MaxValue : bytesPerSecond * ProtocolLimits.FrameTarget.TotalSeconds;
        var limited = limitBytesPerSecond * ProtocolLimits.LimitedFrameTarget.TotalSeconds ?? double.MaxValue;
        TargetBytes = (int)Math.Clamp(Math.Min(measured, limited), least, ProtocolLimits.DeltaTargetBytes);
    }
}
