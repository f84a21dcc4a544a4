using RsyncFs.Blocks;
using RsyncFs.Delta;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;

namespace RsyncFs;

/// <summary>Puts records on the connection, chains and counts them; for an estimate it only counts.</summary>
internal sealed class DeltaSender(
    Connection connection,
    SessionFormat format,
    DeltaChain chain,
    bool isEstimate
)
{
    private readonly BlockLayout _layout = format.Layout;
    private readonly DeltaBatcher _batcher = new(format);
    private ZeroRun? _zeros;
    private volatile bool _isStopped;

    /// <summary>The chain over what was sent.</summary>
    public DeltaChain Chain { get; } = chain;

    /// <summary>What was sent, or would be.</summary>
    public DeltaTotals Totals { get; } = new();

    /// <summary>What may be sent; null for everything.</summary>
    public CycleBudget? Budget { get; set; }

    /// <summary>True once a record was not sent because no more may be: nothing behind it is sent either.</summary>
    public bool IsStopped => _isStopped;

    /// <summary>The first block that was not sent for that reason.</summary>
    public long StoppedAt { get; private set; }

    /// <summary>
    /// Sends records, in order, as far as they may be sent. When this returns, the memory they point to is free again; only zeros that may yet
    /// join with others are kept until <see cref="FinishAsync"/>.
    /// </summary>
    public async ValueTask SendAsync(IReadOnlyList<DeltaRecord> records, CancellationToken cancellationToken)
    {
        foreach (var record in records)
        {
            if (StopsBefore(record))
            {
                break;
            }

            if (record is ZeroRun run)
            {
                await JoinZerosAsync(run, cancellationToken);
                continue;
            }

            await SendZerosAsync(cancellationToken);
            await SendAsync(record, cancellationToken);
        }

        await SendBatchAsync(_batcher.Take(), cancellationToken);
    }

    /// <summary>Sends what was kept back.</summary>
    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        await SendZerosAsync(cancellationToken);
        await SendBatchAsync(_batcher.Take(), cancellationToken);
    }

    /// <summary>Ends the sending if the time is over: what lies before <paramref name="block"/> was sent, or need not be.</summary>
    public void StopIfTimeIsOver(long block)
    {
        if (!_isStopped && Budget is { IsTimeOver: true })
        {
            Stop(block);
        }
    }

    /// <summary>From here on everything is sent, whatever may be.</summary>
    /// <returns>True if nothing was left out before.</returns>
    public bool GoOn()
    {
        var isWhole = !_isStopped;
        Budget = null;
        _isStopped = false;
        return isWhole;
    }

    private bool StopsBefore(DeltaRecord record)
    {
        StopIfTimeIsOver(record.FirstBlock);
        if (_isStopped || Budget is not { } budget || Totals.ChangedBlocks == 0)
        {
            // One goes in any case: a run that may send little would get nowhere, however often it is repeated.
            return _isStopped;
        }

        if (!budget.HasRoomFor(_batcher.GatheredBytes + DeltaBatch.SizeOf(record, format)))
        {
            Stop(record.FirstBlock);
        }

        return _isStopped;
    }

    private void Stop(long block)
    {
        StoppedAt = block;
        _isStopped = true;
    }

    private async ValueTask JoinZerosAsync(ZeroRun run, CancellationToken cancellationToken)
    {
        var longest = ProtocolLimits.ZeroRunBytes / _layout.BlockSizeBytes;
        if (_zeros is { } zeros && zeros.FirstBlock + zeros.BlockCount == run.FirstBlock)
        {
            if (zeros.BlockCount + run.BlockCount <= longest)
            {
                _zeros = zeros with { BlockCount = zeros.BlockCount + run.BlockCount };
                return;
            }
        }

        await SendZerosAsync(cancellationToken);
        _zeros = run;
    }

    private async ValueTask SendZerosAsync(CancellationToken cancellationToken)
    {
        if (_zeros is { } zeros)
        {
            _zeros = null;
            await SendAsync(zeros, cancellationToken);
        }
    }

    private async ValueTask SendAsync(DeltaRecord record, CancellationToken cancellationToken)
    {
        Count(record);
        if (isEstimate)
        {
            return;
        }

        Chain.Add(record);
        await SendBatchAsync(_batcher.Add(record), cancellationToken);
    }

    private async ValueTask SendBatchAsync(DeltaBatch? batch, CancellationToken cancellationToken)
    {
        if (batch is not null)
        {
            await connection.SendAsync(batch, cancellationToken);
        }

        _batcher.Adapt(connection.SentBytesPerSecond, connection.SendLimitBytesPerSecond);
    }

    private void Count(DeltaRecord record)
    {
        Totals.ChangedBlocks += record.BlockCount;
        Totals.DeltaBytes += DeltaBatch.SizeOf(record, format);
        if (record is not BlockChange change)
        {
            Totals.ZeroedBytes += _layout.ExtentOf(record.FirstBlock, record.BlockCount).LengthBytes;
            return;
        }

        if (change.IsPatch)
        {
            Totals.PatchedBytes += change.LiteralLength(_layout);
            Totals.PatchedStoredBytes += change.Stored.Length;
        }
        else
        {
            Totals.LiteralBytes += change.LiteralLength(_layout);
            Totals.StoredBytes += change.Stored.Length;
        }

        Totals.ZeroedBytes += BlockChange.LengthOf(_layout, change.FirstBlock, change.ZeroedPages);
        foreach (var copy in change.Copies)
        {
            var from = copy.FirstPage * BlockLayout.PageSizeBytes;
            var to = from + (copy.PageCount * BlockLayout.PageSizeBytes);
            Totals.CopiedBytes += Math.Min(to, _layout.LengthOf(change.FirstBlock)) - from;
        }
    }
}
