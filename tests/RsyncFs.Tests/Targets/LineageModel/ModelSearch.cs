namespace RsyncFs.Tests.Targets.LineageModel;

/// <summary>
/// Goes through every history of an alphabet. Histories that lead to the same world go on as one: that loses none of
/// them, since what can happen next depends on the world alone.
/// </summary>
internal sealed class ModelSearch(IReadOnlyList<ModelStep> alphabet)
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal) { ModelKey.Of(ModelWorld.Initial) };

    /// <summary>The histories of exactly the length that was asked for.</summary>
    public long HistoryCount { get; private set; } = 1;

    /// <summary>Worlds that differ, of all lengths.</summary>
    public int WorldCount => _seen.Count;

    /// <summary>Events that were carried out.</summary>
    public long StepCount { get; private set; }

    /// <summary>Searches all histories of up to <paramref name="length"/> events; calls <paramref name="visit"/> for each world once.</summary>
    /// <exception cref="ModelViolationException">An invariant does not hold; the message has the history.</exception>
    public void Run(int length, Action<ModelWorld> visit)
    {
        var worlds = new List<Found> { new(ModelWorld.Initial, default, null) };
        visit(ModelWorld.Initial);
        for (var i = 0; i < length; i++)
        {
            HistoryCount *= alphabet.Count;
            var next = new List<Found>();
            foreach (var found in worlds)
            {
                foreach (var step in alphabet)
                {
                    if (Take(found, step, visit) is { } world)
                    {
                        next.Add(world);
                    }
                }
            }

            worlds = next;
        }
    }

    private Found? Take(Found before, ModelStep step, Action<ModelWorld> visit)
    {
        StepCount++;
        try
        {
            var world = ModelAlphabet.Apply(before.World, step);
            world.Check();
            if (!_seen.Add(ModelKey.Of(world)))
            {
                return null;
            }

            visit(world);
            return new Found(world, step, before);
        }
        catch (ModelViolationException violation)
        {
            throw new ModelViolationException(
                $"{violation.Message}: {string.Join(", ", HistoryOf(before).Append(step))}"
            );
        }
    }

    private static IEnumerable<ModelStep> HistoryOf(Found found) =>
        found.Before is null ? [] : HistoryOf(found.Before).Append(found.Step);

    private sealed record Found(ModelWorld World, ModelStep Step, Found? Before);
}
