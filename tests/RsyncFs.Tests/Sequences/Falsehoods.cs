using RsyncFs.Blocks;
using RsyncFs.Protocol;

namespace RsyncFs.Tests.Sequences;

/// <summary>Values that a field may have, and should not: at the edge of what is allowed, just beyond, and far out.</summary>
/// <param name="number">Which of them.</param>
/// <param name="format">The format of the session.</param>
internal sealed class Falsehoods(int number, SessionFormat format)
{
    private static readonly ulong[] s_epochs =
    [
        0,
        1,
        2,
        SourceLineage.MaxEpochStep + 1,
        SourceLineage.MaxEpochStep + 2,
        SourceLineage.MaxEpoch,
        SourceLineage.MaxEpoch + 1,
        ulong.MaxValue,
    ];

    public SessionFormat Format => format;

    public bool Flag => number % 2 == 1;

    /// <summary>A number from 0 on, below <paramref name="end"/>.</summary>
    public int Below(int end) => end == 0 ? 0 : number % end;

    /// <summary>A number instead of <paramref name="right"/>.</summary>
    public long Number(long right)
    {
        var blocks = format.Layout.BlockCount;
        return Pick(
            unchecked(right + 1),
            unchecked(right - 1),
            0L,
            1L,
            -1L,
            blocks - 1,
            blocks,
            blocks + 1,
            BlockLayout.BlocksPerGroup,
            format.Layout.LengthBytes,
            int.MaxValue,
            int.MaxValue + 1L,
            uint.MaxValue + 1L,
            long.MaxValue,
            long.MinValue,
            right
        );
    }

    /// <inheritdoc cref="Number(long)"/>
    public int Number(int right) => unchecked((int)Number((long)right));

    public ushort Version() => (ushort)Pick(0, 1, 2, 3, ushort.MaxValue);

    public ulong Epoch() => Pick(s_epochs);

    public Guid Id() => Pick([.. Recording.Ids]);

    public string Text() => Pick("", "t", "u", "../t", "t\u0000", new string('x', 128), "\u202Et");

    public DateTimeOffset Time() =>
        Pick(DateTimeOffset.UnixEpoch, DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

    public Digest Digest(Digest right) =>
        Pick(default, right with { First = right.First ^ 1 }, new Digest(right.Second, right.First), right);

    public DeltaPosition Position(DeltaPosition right) =>
        Pick(
            default,
            right with
            {
                Generation = Id(),
            },
            right with
            {
                RecordCount = Number(right.RecordCount),
            },
            right with
            {
                Chain = Digest(right.Chain),
            },
            new DeltaPosition(Id(), 1, new Digest(1, 2))
        );

    /// <summary>Any member of the enum, or one that is none.</summary>
    public T Choice<T>()
        where T : struct, Enum
    {
        var all = Enum.GetValues<T>();
        var at = number % (all.Length + 1);
        return at < all.Length ? all[at] : (T)Enum.ToObject(typeof(T), 99);
    }

    /// <summary>The bytes with one of them changed, or fewer, or more of them.</summary>
    public ReadOnlyMemory<byte> Bytes(ReadOnlyMemory<byte> right)
    {
        if (right.IsEmpty)
        {
            return new byte[] { (byte)number };
        }

        var changed = right.ToArray();
        changed[number % changed.Length] ^= (byte)(1 << (number % 8));
        return Pick<ReadOnlyMemory<byte>>(changed, right[..^1], right[..1], (byte[])[.. changed, .. changed]);
    }

    /// <summary>The list with something missing, twice, in another order, or instead of something.</summary>
    public IReadOnlyList<T> List<T>(IReadOnlyList<T> right, Func<T, T> lie)
    {
        if (right.Count == 0)
        {
            return right;
        }

        var at = number % right.Count;
        return Pick<IReadOnlyList<T>>(
            [.. right.Take(at), .. right.Skip(at + 1)],
            [.. right.Take(at + 1), .. right.Skip(at)],
            [.. right.Reverse()],
            [.. right.Take(at), lie(right[at]), .. right.Skip(at + 1)],
            [.. right.Take(at), lie(right[at]), .. right.Skip(at + 1)],
            []
        );
    }

    // So that what is picked, and where in it, are not the same thing.
    private T Pick<T>(params ReadOnlySpan<T> all) => all[number / 7 % all.Length];
}
