namespace RsyncFs.Blocks;

/// <summary>What a sender knows of the generations of its source at one destination; zero ids stand for "none".</summary>
/// <param name="Epoch">The fencing number: the highest that this source has seen. 1 until somebody promotes.</param>
/// <param name="Cursor">The last generation that the destination acknowledged.</param>
/// <param name="Proposed">A generation whose acknowledgement is outstanding: the destination may be at it.</param>
/// <param name="Ancestors">Generations that this source made before, for any destination, newest first; at most <see cref="MaxAncestorCount"/>.</param>
public sealed record SourceLineage(ulong Epoch, Guid Cursor, Guid Proposed, IReadOnlyList<Guid> Ancestors)
{
    /// <summary>The epoch of a volume that was never promoted anywhere.</summary>
    public const ulong FirstEpoch = 1;

    /// <summary>No epoch is higher: every one fits a signed number, too.</summary>
    public const ulong MaxEpoch = long.MaxValue;

    /// <summary>
    /// So far a sender may be ahead of what a target has seen. Each step is a promote, which a person says; and a claim
    /// that is taken for true can not come so near to <see cref="MaxEpoch"/> that a promote goes no higher.
    /// </summary>
    public const ulong MaxEpochStep = 1_000_000;

    /// <summary>So many earlier generations are remembered, at either end.</summary>
    public const int MaxAncestorCount = 12;

    /// <summary>What a sender without any state knows.</summary>
    public static SourceLineage None { get; } = new(FirstEpoch, Guid.Empty, Guid.Empty, []);

    /// <summary>An epoch as it stands in messages and in files: u64, not zero, below 2^63.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    internal static ulong ReadEpoch(ref ByteReader reader)
    {
        var epoch = reader.ReadUInt64();
        return epoch is 0 or > MaxEpoch ? throw new InvalidDataException($"{epoch} is no epoch") : epoch;
    }

    /// <summary>The list that has <paramref name="generation"/> in front; what falls off its end is forgotten. A zero id changes nothing.</summary>
    public static IReadOnlyList<Guid> Push(Guid generation, IReadOnlyList<Guid> ancestors) =>
        generation == Guid.Empty || (ancestors.Count > 0 && ancestors[0] == generation)
            ? ancestors
            : [generation, .. ancestors.Take(MaxAncestorCount - 1)];
}
