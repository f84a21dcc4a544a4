namespace RsyncFs.Blocks;

/// <summary>
/// How several devices lie in one range of bytes: one behind the other, each beginning at a multiple of the largest
/// block, so that no block has bytes of two. What lies between is zeros, and nowhere.
/// </summary>
public sealed record SetShape
{
    /// <summary>A set of more has other troubles.</summary>
    public const int MaxMemberCount = 64;

    /// <summary>Lays out members of these lengths in bytes.</summary>
    /// <exception cref="ArgumentException">There is none, there are too many, one is empty, or all are too long together.</exception>
    public SetShape(params IReadOnlyList<long> lengths)
    {
        if (
            lengths.Count is 0 or > MaxMemberCount
            || lengths.Any(length => length < 0 || (length == 0 && lengths.Count > 1))
        )
        {
            throw new ArgumentException(
                $"a set of {lengths.Count} members, or one without bytes",
                nameof(lengths)
            );
        }

        var members = new Extent[lengths.Count];
        var offset = 0L;
        for (var i = 0; i < members.Length; i++)
        {
            if (lengths[i] > BlockLayout.MaxLengthBytes - BlockLayout.MaxBlockSizeBytes - offset)
            {
                throw new ArgumentException("a set that is too long", nameof(lengths));
            }

            members[i] = new Extent(offset, lengths[i]);
            offset = AlignUp(members[i].EndBytes);
        }

        Members = members;
    }

    /// <summary>Where each member lies, in bytes.</summary>
    public IReadOnlyList<Extent> Members { get; }

    /// <summary>Bytes from the begin of the first to the end of the last.</summary>
    public long LengthBytes => Members[^1].EndBytes;

    /// <summary>The lengths in words for a person; one number for a single device.</summary>
    public override string ToString() => string.Join(" + ", Members.Select(member => member.LengthBytes));

    /// <summary>Equal shapes have members of equal lengths in the same order.</summary>
    public bool Equals(SetShape? other) => other is not null && Members.SequenceEqual(other.Members);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Members.Count, LengthBytes);

    private static long AlignUp(long offset) =>
        (offset + BlockLayout.MaxBlockSizeBytes - 1)
        / BlockLayout.MaxBlockSizeBytes
        * BlockLayout.MaxBlockSizeBytes;
}
