using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace RsyncFs.Fuzz;

/// <summary>Which blocks the inputs of one target have come to, and about how often in one input.</summary>
internal sealed class CoverageLog
{
    private readonly int _blockCount;
    private readonly byte[] _seen;
    private readonly int[] _own;

    /// <param name="owners">For each block the type that it belongs to.</param>
    /// <param name="target">Whose coverage is told.</param>
    public CoverageLog(IReadOnlyList<string> owners, FuzzTarget target)
    {
        _blockCount = (owners.Count + 7) / 8 * 8;
        _seen = new byte[_blockCount];
        _own =
        [
            .. Enumerable
                .Range(0, owners.Count)
                .Where(block =>
                    target.Covers.Any(name =>
                        name.EndsWith('.')
                            ? owners[block].StartsWith(name, StringComparison.Ordinal)
                            : string.Equals(owners[block], name, StringComparison.Ordinal)
                    )
                ),
        ];
    }

    /// <summary>Blocks of the types that the target is for.</summary>
    public int OwnCount => _own.Length;

    /// <summary>Those of them that some input came to.</summary>
    public int OwnSeenCount => _own.Count(block => _seen[block] != 0);

    /// <summary>Forgets what the input before did.</summary>
    public void Begin() => Array.Clear(Coverage.Map, 0, _blockCount);

    /// <summary>True if the input came where none was before, or, unless only that <paramref name="isAll"/>, more often; that is known from now on.</summary>
    public bool Learn(bool isAll = false)
    {
        var isNew = false;
        var eights = MemoryMarshal.Cast<byte, ulong>(Coverage.Map.AsSpan(0, _blockCount));
        for (var i = 0; i < eights.Length; i++)
        {
            if (eights[i] == 0)
            {
                continue;
            }

            for (var block = 8 * i; block < (8 * i) + 8; block++)
            {
                var often = isAll ? Math.Min((byte)1, Coverage.Map[block]) : ClassOf(Coverage.Map[block]);
                isNew |= (often & ~_seen[block]) != 0;
                _seen[block] |= often;
            }
        }

        return isNew;
    }

    /// <summary>Stands for where the input came, and how often.</summary>
    public ulong Signature()
    {
        Span<byte> classes = new byte[_blockCount];
        for (var block = 0; block < classes.Length; block++)
        {
            classes[block] = ClassOf(Coverage.Map[block]);
        }

        return XxHash3.HashToUInt64(classes);
    }

    // The classes of AFL: once, twice, three times, 4-7, 8-15, 16-31, 32-127, more.
    private static byte ClassOf(byte count) =>
        count switch
        {
            0 => 0,
            1 => 1,
            2 => 2,
            3 => 4,
            < 8 => 8,
            < 16 => 16,
            < 32 => 32,
            < 128 => 64,
            _ => 128,
        };
}
