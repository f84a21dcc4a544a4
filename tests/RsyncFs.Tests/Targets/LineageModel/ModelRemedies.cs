using System.Text.RegularExpressions;
using RsyncFs.Errors;

namespace RsyncFs.Tests.Targets.LineageModel;

/// <summary>
/// A person who does what refusals tell, and nothing else: the words of the hint say which command, and on which
/// machine.
/// </summary>
internal static partial class ModelRemedies
{
    private const int MaxCommandCount = 5;

    /// <summary>Makes the nodes equal, from the node that sends first or, when a hint says to reverse, the other way.</summary>
    /// <returns>The commands that it took; null if no hint leads there.</returns>
    /// <exception cref="ModelViolationException">An invariant does not hold on the way.</exception>
    public static IReadOnlyList<ModelStep>? Converge(ModelWorld world, bool fromA)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var queue = new Queue<Attempt>([new Attempt(world, fromA, [])]);
        while (queue.TryDequeue(out var attempt))
        {
            var meeting = ModelCycle.Run(attempt.World, attempt.FromA, ModelEvent.Sync);
            if (meeting.Succeeded)
            {
                return attempt.Done;
            }

            if (attempt.Done.Count == MaxCommandCount)
            {
                continue;
            }

            foreach (var step in StepsIn(meeting.Refusal!, attempt.FromA))
            {
                var next = Follow(attempt.World, step);
                var goesBack = step.Event == ModelEvent.ReverseBoth;
                var fromNext = goesBack ? step.AtA!.Value : attempt.FromA;
                if (seen.Add($"{fromNext} {ModelKey.Of(next)}"))
                {
                    queue.Enqueue(new Attempt(next, fromNext, [.. attempt.Done, step]));
                }
            }
        }

        return null;
    }

    /// <summary>Does what was said; if that is refused, what the refusal says to do first, on the same machine.</summary>
    private static ModelWorld Follow(ModelWorld world, ModelStep step)
    {
        var next = ModelRoles.Do(world, step, out var refusal);
        if (refusal is null || Remedies.NamedIn(refusal.Hint) is not [var first, ..])
        {
            return next;
        }

        return ModelRoles.Do(next, new ModelStep(EventOf(first), step.AtA));
    }

    /// <summary>The commands that a hint names, with the machine that it names last before each; both, where it leaves the choice.</summary>
    private static IEnumerable<ModelStep> StepsIn(RefusedException refusal, bool fromA)
    {
        var hint = refusal.Hint!;
        var commands = Remedies.NamedIn(hint);
        var places = Place().Matches(hint);
        var at = 0;
        foreach (var command in commands)
        {
            at = hint.IndexOf(
                $"rsyncfs target {command.Replace(" ", " NAME ", StringComparison.Ordinal)}",
                at,
                StringComparison.Ordinal
            );
            var place = places.LastOrDefault(match => match.Index < at)?.Value ?? "here";
            var kind = EventOf(command);
            if (place is "on the receiver" or "and there")
            {
                yield return new ModelStep(kind, !fromA);
            }

            if (place is not "on the receiver")
            {
                yield return new ModelStep(kind, fromA);
            }
        }
    }

    private static ModelEvent EventOf(string command) =>
        command switch
        {
            "promote" => ModelEvent.Promote,
            "promote --force" => ModelEvent.ForcePromote,
            "demote" => ModelEvent.Demote,
            "adopt" => ModelEvent.Adopt,
            "adopt --new-sender" => ModelEvent.AdoptForNewSender,
            "reverse" => ModelEvent.ReverseBoth,
            _ => throw new ArgumentOutOfRangeException(nameof(command), command, "no remedy of a cycle"),
        };

    [GeneratedRegex(
        "on the receiver|where it was|and there|here",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Place();

    private sealed record Attempt(ModelWorld World, bool FromA, IReadOnlyList<ModelStep> Done);
}
