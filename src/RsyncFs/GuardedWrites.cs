namespace RsyncFs;

/// <summary>Calls the hooks of one session in their order. What was begun is ended, once.</summary>
/// <param name="hooks">The hooks; null for none.</param>
internal sealed class GuardedWrites(WriteHooks? hooks)
{
    private bool _isBegun;

    /// <summary>The first byte is about to be written.</summary>
    public async ValueTask BeginAsync(Guid generation, CancellationToken cancellationToken)
    {
        if (hooks is not null && !_isBegun)
        {
            _isBegun = true;
            await hooks.Before(generation, cancellationToken);
        }
    }

    /// <summary>Nothing is written any more; gives what is to fail the session.</summary>
    public async ValueTask<Exception?> EndAsync()
    {
        if (hooks is null || !_isBegun)
        {
            return null;
        }

        _isBegun = false;
        return await hooks.After();
    }

    /// <summary>The target is at a generation.</summary>
    public async ValueTask CommittedAsync(
        Guid generation,
        bool isChanged,
        CancellationToken cancellationToken
    )
    {
        if (hooks is not null)
        {
            await hooks.Committed(generation, isChanged, cancellationToken);
        }
    }
}
