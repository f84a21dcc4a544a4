namespace RsyncFs.Tests.Laboratory;

/// <summary>
/// Which of the changes that were not flushed get lost when the power goes. Any may be lost, in any combination; but
/// the combinations that break programs are rare among all of them, so those are drawn more often: all, none, all but
/// one, only one, all behind a moment, whole writes.
/// </summary>
internal sealed class Losses
{
    private readonly Chance _chance;
    private readonly Kind _kind;
    private readonly int _mark;
    private object? _write;
    private bool _isWriteLost;

    /// <summary>Draws which of <paramref name="count"/> changes are lost.</summary>
    public Losses(Chance chance, int count)
    {
        _chance = chance;
        _kind = count == 0 ? Kind.Nothing : (Kind)chance.Below((int)Kind.Count);
        _mark = _kind switch
        {
            Kind.Nothing or Kind.Everything or Kind.Half or Kind.WholeWrites => 0,
            Kind.Most or Kind.Few => 1 + chance.Below(16),
            _ => chance.Below(count),
        };
    }

    private enum Kind
    {
        Nothing,
        Everything,
        Half,
        Few,
        Most,
        One,
        AllButOne,
        Later,
        Earlier,
        WholeWrites,
        Count,
    }

    /// <summary>True if change <paramref name="index"/> is lost. To be asked once for each, in order.</summary>
    /// <param name="index">Its number, in the order in which they were made.</param>
    /// <param name="write">What is the same for all sectors of one write.</param>
    public bool Takes(int index, object? write) =>
        _kind switch
        {
            Kind.Nothing => false,
            Kind.Everything => true,
            Kind.Half => _chance.OneIn(2),
            Kind.Few => _chance.OneIn(_mark + 1),
            Kind.Most => !_chance.OneIn(_mark + 1),
            Kind.One => index == _mark,
            Kind.AllButOne => index != _mark,
            Kind.Later => index > _mark,
            Kind.Earlier => index < _mark,
            _ => IsWriteLost(index, write),
        };

    private bool IsWriteLost(int index, object? write)
    {
        if (index == 0 || !ReferenceEquals(write, _write))
        {
            _write = write;
            _isWriteLost = _chance.OneIn(2);
        }

        return _isWriteLost;
    }
}
