using System.Collections.Immutable;
using RsyncFs.Blocks;

namespace RsyncFs.Tests.Targets.LineageModel;

/// <summary>Both machines, and what every generation is, which only the model knows. Nothing in it changes; events make new worlds.</summary>
internal sealed record ModelWorld(ModelNode A, ModelNode B)
{
    /// <summary>Bits of <see cref="Garbage"/> are no writes: a device that has one is no generation.</summary>
    public ulong Garbage { get; init; }

    public ImmutableDictionary<Guid, ulong> Generations { get; init; } =
        ImmutableDictionary<Guid, ulong>.Empty;

    public int IdCount { get; init; }

    public int WriteCount { get; init; }

    /// <summary>A device in use that was never replicated, and an empty one that may take a first copy.</summary>
    public static ModelWorld Initial { get; } =
        new(new ModelNode { Content = 1, IsInUse = true }, new ModelNode()) { WriteCount = 1 };

    public ModelNode this[bool atA] => atA ? A : B;

    public ModelWorld With(bool atA, ModelNode node) => atA ? this with { A = node } : this with { B = node };

    public ModelWorld NewId(out Guid id)
    {
        id = new Guid(IdCount + 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        return this with { IdCount = IdCount + 1 };
    }

    public ModelWorld NewVolume(out Volume volume)
    {
        var world = NewId(out var id);
        volume = new Volume(id, new StrongHash(HashAlgorithmId.XxHash128, 1), 65536);
        return world;
    }

    /// <summary>A bit that no content has yet.</summary>
    public ModelWorld NewWrite(out ulong write)
    {
        if (WriteCount == 64)
        {
            throw new InvalidOperationException("the history has too many writes for this model");
        }

        write = 1UL << WriteCount;
        return this with { WriteCount = WriteCount + 1 };
    }

    public ModelWorld NewGarbage(out ulong bit)
    {
        var world = NewWrite(out bit);
        return world with { Garbage = world.Garbage | bit };
    }

    /// <summary>What holds whatever happened: a target that says it is a generation is that generation.</summary>
    /// <exception cref="ModelViolationException">It does not hold.</exception>
    public void Check()
    {
        CheckNode(A, "A");
        CheckNode(B, "B");
    }

    private void CheckNode(ModelNode node, string name)
    {
        if (
            node.Target is { Status: TargetStatus.Consistent } record
            && Generations[record.Generation] != node.Content
        )
        {
            throw new ModelViolationException($"{name} says that it is a generation which it is not");
        }

        if (node.Target is { } target && target.Epoch > target.HighestEpoch)
        {
            throw new ModelViolationException($"{name} has an epoch above the highest that it knows");
        }
    }
}
