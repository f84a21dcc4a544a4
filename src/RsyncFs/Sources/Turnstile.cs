namespace RsyncFs.Sources;

/// <summary>Lets one through at a time, in the order in which they came. Safe to use from several threads.</summary>
internal sealed class Turnstile
{
    private readonly Lock _gate = new();
    private Task _last = Task.CompletedTask;

    /// <summary>The turn of somebody for whom there is nothing to wait.</summary>
    public static IDisposable Open { get; } = new Turn(over: null);

    /// <summary>Waits until all who came before are through.</summary>
    /// <returns>The turn: to be disposed of at its end.</returns>
    /// <exception cref="OperationCanceledException">Waited no longer; who comes behind waits for those before all the same.</exception>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        lock (_gate)
        {
            (before, _last) = (_last, over.Task);
        }

        try
        {
            await before.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _ = before.ContinueWith(_ => over.SetResult(), TaskScheduler.Default);
            throw;
        }

        return new Turn(over);
    }

    private sealed class Turn(TaskCompletionSource? over) : IDisposable
    {
        public void Dispose() => over?.TrySetResult();
    }
}
