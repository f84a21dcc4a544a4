namespace RsyncFs.Tests.Targets.LineageModel;

/// <summary>The events of which histories are made.</summary>
internal static class ModelAlphabet
{
    /// <summary>The nine of a failover pair: A is replicated to B; B may be promoted, written, and become the source. Every job that there is runs in every cycle, the old primary's too.</summary>
    public static IReadOnlyList<ModelStep> Failover { get; } =
    [
        new(ModelEvent.Sync, AtA: null),
        new(ModelEvent.SyncUnacknowledged, AtA: null),
        new(ModelEvent.SyncCut, AtA: null),
        new(ModelEvent.Promote, AtA: false),
        new(ModelEvent.Demote, AtA: false),
        new(ModelEvent.Write, AtA: true),
        new(ModelEvent.Write, AtA: false),
        new(ModelEvent.ReverseBoth, AtA: false),
        new(ModelEvent.RestoreSender, AtA: true),
    ];

    /// <summary>Everything that can happen to either node, in any order.</summary>
    public static IReadOnlyList<ModelStep> Everything { get; } =
    [
        .. Enum.GetValues<ModelEvent>()
            .Where(kind => kind != ModelEvent.ReverseBoth)
            .SelectMany(kind => new ModelStep[] { new(kind, AtA: true), new(kind, AtA: false) }),
    ];

    /// <summary>What becomes of <paramref name="world"/>.</summary>
    /// <exception cref="ModelViolationException">An invariant does not hold.</exception>
    public static ModelWorld Apply(ModelWorld world, ModelStep step)
    {
        var isCycle = step.Event is ModelEvent.Sync or ModelEvent.SyncUnacknowledged or ModelEvent.SyncCut;
        if (!isCycle)
        {
            return ModelRoles.Do(world, step);
        }

        if (step.AtA is { } fromA)
        {
            return fromA || world.B.Sender is not null
                ? ModelCycle.Run(world, fromA, step.Event).World
                : world;
        }

        var next = ModelCycle.Run(world, fromA: true, step.Event).World;
        return next.B.Sender is null ? next : ModelCycle.Run(next, fromA: false, step.Event).World;
    }
}
