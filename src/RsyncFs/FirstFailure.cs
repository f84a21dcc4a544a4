using System.Runtime.ExceptionServices;

namespace RsyncFs;

/// <summary>Waits for tasks that need each other: the first to fail ends the rest, and its failure is the one thrown.</summary>
internal static class FirstFailure
{
    /// <summary>Waits until all <paramref name="tasks"/> have ended.</summary>
    /// <param name="others">Cancelled when one fails; the tasks were started with its token.</param>
    /// <param name="tasks">The tasks.</param>
    public static async Task OfAsync(CancellationTokenSource others, params Task[] tasks)
    {
        Exception? first = null;
        var left = tasks.ToList();
        while (left.Count > 0)
        {
            var ended = await Task.WhenAny(left);
            left.Remove(ended);
            if (ended.IsCompletedSuccessfully || first is not null)
            {
                continue;
            }

            first = ended.Exception?.InnerException ?? new OperationCanceledException(others.Token);
            await others.CancelAsync();
        }

        if (first is not null)
        {
            ExceptionDispatchInfo.Throw(first);
        }
    }
}
