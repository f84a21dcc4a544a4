using System.Collections.Concurrent;
using System.Threading.Channels;

namespace RsyncFs.Delta;

/// <summary>
/// Work on many items by a few threads, with the results in order and never more items in memory than there are
/// slots. A slot carries its buffers, so that nothing is allocated per item.
/// </summary>
internal static class OrderedPipeline
{
    /// <summary>Runs until <paramref name="prepare"/> says that there is nothing more.</summary>
    /// <param name="slots">The memory: one item each, reused in turn.</param>
    /// <param name="threadCount">Threads that run <paramref name="work"/>.</param>
    /// <param name="prepare">Puts the next item into a slot; false at the end. Called in order, one at a time.</param>
    /// <param name="work">Does the work that takes time: reading, hashing, compressing. Called on several threads at once.</param>
    /// <param name="consume">Takes the result. Called in order, one at a time.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    /// <remarks>The first failure of any part ends the others and is thrown; when this returns, no part is running.</remarks>
    public static async Task RunAsync<TSlot>(
        IReadOnlyCollection<TSlot> slots,
        int threadCount,
        Func<TSlot, CancellationToken, ValueTask<bool>> prepare,
        Action<TSlot, CancellationToken> work,
        Func<TSlot, CancellationToken, ValueTask> consume,
        CancellationToken cancellationToken
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var todo = new BlockingCollection<Job<TSlot>>();
        var free = Channel.CreateBounded<TSlot>(slots.Count);
        var ordered = Channel.CreateBounded<Job<TSlot>>(slots.Count);
        foreach (var slot in slots)
        {
            free.Writer.TryWrite(slot);
        }

        var parts = new List<Task>
        {
            Guard(PrepareAsync(free.Reader, todo, ordered.Writer, prepare, stop.Token), stop),
            Guard(ConsumeAsync(ordered.Reader, free.Writer, consume, stop.Token), stop),
        };
        for (var i = 0; i < Math.Min(threadCount, slots.Count); i++)
        {
            // Threads of their own: the work blocks in reads, and the pool's few threads serve the connection.
            parts.Add(
                Task.Factory.StartNew(
                    () => Work(todo, work, stop.Token),
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                )
            );
        }

        await Task.WhenAll(parts).ContinueWith(_ => { }, TaskScheduler.Default);
        ThrowFirstFailure(parts, cancellationToken);
    }

    private static async Task PrepareAsync<TSlot>(
        ChannelReader<TSlot> free,
        BlockingCollection<Job<TSlot>> todo,
        ChannelWriter<Job<TSlot>> ordered,
        Func<TSlot, CancellationToken, ValueTask<bool>> prepare,
        CancellationToken cancellationToken
    )
    {
        try
        {
            while (true)
            {
                var slot = await free.ReadAsync(cancellationToken);
                if (!await prepare(slot, cancellationToken))
                {
                    break;
                }

                var job = new Job<TSlot>(slot);
                todo.Add(job, cancellationToken);
                await ordered.WriteAsync(job, cancellationToken);
            }
        }
        finally
        {
            todo.CompleteAdding();
            ordered.Complete();
        }
    }

    private static void Work<TSlot>(
        BlockingCollection<Job<TSlot>> todo,
        Action<TSlot, CancellationToken> work,
        CancellationToken cancellationToken
    )
    {
        foreach (var job in todo.GetConsumingEnumerable(CancellationToken.None))
        {
            job.Run(work, cancellationToken);
        }
    }

    private static async Task ConsumeAsync<TSlot>(
        ChannelReader<Job<TSlot>> ordered,
        ChannelWriter<TSlot> free,
        Func<TSlot, CancellationToken, ValueTask> consume,
        CancellationToken cancellationToken
    )
    {
        await foreach (var job in ordered.ReadAllAsync(cancellationToken))
        {
            await job.Done.WaitAsync(cancellationToken);
            await consume(job.Slot, cancellationToken);
            await free.WriteAsync(job.Slot, cancellationToken);
        }
    }

    private static async Task Guard(Task part, CancellationTokenSource stop)
    {
        try
        {
            await part;
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private static void ThrowFirstFailure(List<Task> parts, CancellationToken cancellationToken)
    {
        // What was cancelled because another part failed is not the failure.
        var failures = parts
            .Where(part => part.IsFaulted)
            .SelectMany(part => part.Exception!.InnerExceptions)
            .OrderBy(failure => failure is OperationCanceledException)
            .ToList();
        if (failures.Count > 0)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failures[0]);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (parts.Exists(part => part.IsCanceled))
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    private sealed class Job<TSlot>(TSlot slot)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TSlot Slot { get; } = slot;

        public Task Done => _done.Task;

        public void Run(Action<TSlot, CancellationToken> work, CancellationToken cancellationToken)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                _done.TrySetCanceled(cancellationToken);
                return;
            }

            try
            {
                work(Slot, cancellationToken);
                _done.TrySetResult();
            }
#pragma warning disable CA1031 // Whatever it is, it belongs to the consumer, who rethrows it.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                _done.TrySetException(failure);
            }
        }
    }
}
