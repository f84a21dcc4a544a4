using System.Threading.Channels;
using RsyncFs.Blocks;
using RsyncFs.Delta;
using RsyncFs.Maps;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;

namespace RsyncFs;

/// <summary>
/// Ships the blocks that differ. The page queries of several batches are on their way while earlier batches are read,
/// encoded and sent, so that no block waits for a round trip of its own.
/// </summary>
internal sealed class ChangeShipper(
    BlockHasher hasher,
    ChangeEncoder encoder,
    DigestMap map,
    RemoteTarget remote,
    DeltaSender sender
)
{
    // 4 MiB of source each: enough for a line of 300 MB/s and 100 ms, and 100 MiB of memory at the most.
    private const int BatchesUnderWay = 8;

    private readonly BlockLayout _layout = hasher.Layout;

    /// <summary>Threads that read and encode.</summary>
    public int ThreadCount { get; init; } = 2;

    /// <summary>Makes what was sent durable at the other end from time to time.</summary>
    public required DeltaCheckpoints Checkpoints { get; init; }

    /// <summary>Ships <paramref name="blocks"/>.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="firstBlock">Those before this one are not sent.</param>
    /// <param name="askPages">True to send only the pages that differ; false to send the blocks whole.</param>
    /// <param name="report">Told the bytes of the blocks shipped.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public async Task ShipAsync(
        BlockSet blocks,
        long firstBlock,
        bool askPages,
        Action<SessionPhase, long> report,
        CancellationToken cancellationToken
    )
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // What is asked, in the order of the asking: pages of an item, or, for null, a checkpoint.
        var asked = Channel.CreateUnbounded<Item?>();
        using var asking = new SemaphoreSlim(1);
        var items = CreateItems(blocks.Count);
        var next = firstBlock;
        var shipped = 0L;

        async ValueTask AskAsync(Item? item, Func<ValueTask> ask)
        {
            // Both steps as one: answers come in the order of the questions.
            await asking.WaitAsync(either.Token);
            try
            {
                await asked.Writer.WriteAsync(item, either.Token);
                await ask();
            }
            finally
            {
                asking.Release();
            }
        }

        var pipeline = OrderedPipeline.RunAsync(
            items,
            ThreadCount,
            async (item, token) =>
            {
                if (
                    sender.IsStopped
                    || !item.Fill(blocks, ref next, map, hasher, askPages && encoder.Base is null)
                )
                {
                    return false;
                }

                if (item.Asked.Count > 0)
                {
                    await AskAsync(item, () => remote.AskAsync(new PageQuery([.. item.Asked]), token));
                }

                return true;
            },
            (item, token) =>
            {
                encoder.Read(item.Batch);
                item.Answered.Task.Wait(token);
                encoder.Encode(item.Batch);
            },
            async (item, token) =>
            {
                RememberWhatWasRead(item.Batch);
                await sender.SendAsync(item.Batch.Records, token);
                if (askPages && Checkpoints.IsDue && !sender.IsStopped)
                {
                    var next = item.Batch.Blocks[^1] + 1;
                    await AskAsync(item: null, () => Checkpoints.AskAsync(next, token));
                }

                shipped += sender.IsStopped ? 0 : item.Batch.Blocks.Count * (long)_layout.BlockSizeBytes;
                report(SessionPhase.Transfer, shipped);
            },
            either.Token
        );
        var receiving = ReceiveAnswersAsync(asked.Reader, either.Token);
        await FirstFailure.OfAsync(either, CompleteAsync(pipeline, asked.Writer), receiving);
        await sender.FinishAsync(cancellationToken);
    }

    private List<Item> CreateItems(long blockCount)
    {
        var batches = (blockCount / ChangedBatch.BlocksOf(_layout)) + 1;
        var count = (int)Math.Min(BatchesUnderWay, batches);
        return [.. Enumerable.Range(0, count).Select(_ => new Item(_layout, blockCount))];
    }

    private static async Task CompleteAsync(Task pipeline, ChannelWriter<Item?> asked)
    {
        await pipeline;
        asked.Complete();
    }

    private async Task ReceiveAnswersAsync(ChannelReader<Item?> asked, CancellationToken cancellationToken)
    {
        await foreach (var item in asked.ReadAllAsync(cancellationToken))
        {
            if (item is null)
            {
                await remote.NextCheckpointAsync(cancellationToken);
                continue;
            }

            var hashes = await remote.NextAsync<PageHashes>(cancellationToken);
            item.Batch.SetPageHashes(item.Asked, hashes.Hashes);
            item.Answered.SetResult();
        }
    }

    /// <summary>A source that is in use may have changed since the scan; the map is of what was sent.</summary>
    private void RememberWhatWasRead(ChangedBatch batch)
    {
        if (!encoder.SourceIsInUse)
        {
            return;
        }

        Span<byte> entry = stackalloc byte[hasher.EntryLength];
        for (var i = 0; i < batch.Blocks.Count; i++)
        {
            if (batch.Signatures[i].Strong != batch.Expected[i])
            {
                BlockHasher.WriteEntry(batch.Signatures[i], entry);
                map.Set(batch.Blocks[i], entry);
            }
        }
    }

    private sealed class Item(BlockLayout layout, long blockCount)
    {
        public ChangedBatch Batch { get; } = new(layout, blockCount);

        /// <summary>The blocks whose page hashes are asked for.</summary>
        public List<long> Asked { get; } = [];

        public TaskCompletionSource Answered { get; private set; } = new();

        public bool Fill(BlockSet blocks, ref long next, DigestMap map, BlockHasher hasher, bool askPages)
        {
            Asked.Clear();
            Answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!Batch.Fill(blocks, ref next))
            {
                return false;
            }

            foreach (var block in Batch.Blocks)
            {
                var digest = map.ReadEntry(block).Strong;
                Batch.Expected.Add(digest);
                // Of a block of one page there is nothing to drop, and zeros go as a zero run, whatever was there.
                if (askPages && hasher.Layout.PagesPerBlock > 1 && digest != hasher.ZeroDigest(block))
                {
                    Asked.Add(block);
                }
            }

            if (Asked.Count == 0)
            {
                Answered.SetResult();
            }

            return true;
        }
    }
}
