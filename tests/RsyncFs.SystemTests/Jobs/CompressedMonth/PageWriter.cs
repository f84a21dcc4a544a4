using RsyncFs.SystemTests.Fixtures;

namespace RsyncFs.SystemTests.Jobs.CompressedMonth;

/// <summary>Whoever uses the sources: writes a page of one of them, again and again, until it is held.</summary>
internal sealed class PageWriter : IAsyncDisposable
{
    private const int PageBytes = 4096;

    // Each image is written about once a second: often enough that every cycle finds something, seldom enough that
    // most of them read an image that stands still.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(25);

    private readonly IReadOnlyList<MonthJob> _jobs;
    private readonly Random _random;
    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Task _work;

    /// <summary>Begins.</summary>
    public PageWriter(IReadOnlyList<MonthJob> jobs, Random random)
    {
        (_jobs, _random) = (jobs, random);
        _work = RunAsync();
    }

    /// <summary>Pages that were written.</summary>
    public int PageCount { get; private set; }

    /// <summary>Writes nothing more. When this returns nothing is being written.</summary>
    public Task HoldAsync() => _turn.WaitAsync();

    /// <summary>Goes on.</summary>
    public void GoOn() => _turn.Release();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _work;
        _turn.Dispose();
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        var page = new byte[PageBytes];
        try
        {
            while (true)
            {
                await _turn.WaitAsync(_end.Token);
                try
                {
                    _random.NextBytes(page);
                    var offset = _random.Next(MonthScene.ImageBytes / PageBytes) * PageBytes;
                    DeviceBytes.Write(_jobs[_random.Next(_jobs.Count)].Source, offset, page);
                    PageCount++;
                }
                finally
                {
                    _turn.Release();
                }

                await Task.Delay(Rest, _end.Token);
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // That is how it ends.
        }
    }
}
