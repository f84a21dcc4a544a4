namespace RsyncFs.Cli.Engine.Targets;

/// <summary>One change of a target at a time. Those of different targets do not wait for each other.</summary>
internal sealed class TargetTurns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Queue<TaskCompletionSource>> _waiting = new(StringComparer.Ordinal);

    /// <summary>Waits until nobody else has any of <paramref name="names"/>, and has them until what is returned is disposed of.</summary>
    /// <exception cref="OperationCanceledException">Cancelled while waiting; nothing is had.</exception>
    public async Task<IDisposable> TakeAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var taken = new Taken(this);
        try
        {
            // In one order for all, so that no two wait for each other.
            foreach (var name in names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                await WaitAsync(name, cancellationToken);
                taken.Names.Add(name);
            }

            return taken;
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    private async Task WaitAsync(string name, CancellationToken cancellationToken)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (!_waiting.TryGetValue(name, out var queue))
            {
                _waiting.Add(name, new Queue<TaskCompletionSource>());
                return;
            }

            queue.Enqueue(turn);
        }

        await using var registration = cancellationToken.Register(() =>
            turn.TrySetCanceled(cancellationToken)
        );
        await turn.Task;
    }

    private void Release(string name)
    {
        lock (_gate)
        {
            var queue = _waiting[name];
            while (queue.TryDequeue(out var next))
            {
                if (next.TrySetResult())
                {
                    return;
                }
            }

            _waiting.Remove(name);
        }
    }

    private sealed class Taken(TargetTurns turns) : IDisposable
    {
        public List<string> Names { get; } = [];

        public void Dispose()
        {
            Names.ForEach(turns.Release);
            Names.Clear();
        }
    }
}
