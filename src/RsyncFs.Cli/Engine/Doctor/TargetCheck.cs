using RsyncFs.Cli.Commands.Targets;
using RsyncFs.Cli.Engine.Targets;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using RsyncFs.Linux.State;

namespace RsyncFs.Cli.Engine.Doctor;

/// <summary>What is the matter with targets, and with what this host sees on their devices.</summary>
/// <param name="errand">Where to ask.</param>
/// <param name="isFixing">True to remove what is left of attempts that never became a target.</param>
internal sealed class TargetCheck(TargetErrand errand, bool isFixing)
{
    /// <summary>The targets, as <c>target list</c> has them.</summary>
    /// <exception cref="RsyncFsException">They can not be listed.</exception>
    public async Task<IReadOnlyList<TargetEntry>> ListAsync(CancellationToken cancellationToken)
    {
        var request = errand.Request with { Verb = ControlVerb.List };
        var document = await (errand with { Request = request }).RunAsync(cancellationToken);
        return ((TargetListDocument)document).Targets;
    }

    /// <summary>What is the matter with a target by what its state says; null if nothing is.</summary>
    public static Finding? OfStatus(TargetEntry target, bool isAtWork)
    {
        var level = target.Status switch
        {
            "faulted" or TargetStatusText.Unreadable => FindingLevel.Error,
            "diverged" => FindingLevel.Warning,
            // Whoever is at work on it brings it to its end.
            "initializing" or "direct" or "committed" when !isAtWork => FindingLevel.Warning,
            _ => (FindingLevel?)null,
        };
        return level is { } known
            ? new Finding(
                known,
                "target",
                target.Name,
                $"{target.Status}, {TargetStatusText.Explain(target.Status)}"
                    + (target.Error is { } error ? $": {error.Message}: {error.Cause}" : "")
            )
            {
                Hint = target.Error?.Hint ?? HintOf(target),
            }
            : null;
    }

    /// <summary>What this host sees on a target's device that may make it take it for its own.</summary>
    /// <exception cref="RsyncFsException">The target is not there any more, or can not be asked.</exception>
    public async Task<IReadOnlyList<Finding>> GuardsAsync(
        TargetEntry target,
        CancellationToken cancellationToken
    )
    {
        var request = errand.Request with { Verb = ControlVerb.Show, Target = target.Name };
        var document = await (errand with { Request = request }).RunAsync(cancellationToken);
        return OfGuards(target.Name, ((TargetShowDocument)document).Guards);
    }

    /// <summary>The same, of what <c>target show</c> says.</summary>
    public static IReadOnlyList<Finding> OfGuards(string name, GuardEntry? guards) =>
        [
            .. guards?.Duplicates.Select(twin => new Finding(
                FindingLevel.Warning,
                "duplicate-identity",
                name,
                TargetSheet.Twin(twin)
            )
            {
                Hint = $"settings that keep this host away: rsyncfs target show {name}",
            })
                ?? [],
            .. guards?.Unknown is { } unknown
                ?
                [
                    new Finding(
                        FindingLevel.Note,
                        Finding.UncheckedId,
                        name,
                        $"its content could not be looked at: {unknown}"
                    ),
                ]
                : Array.Empty<Finding>(),
        ];

    /// <summary>True if a sender is at work on it, or, where nobody could be asked, any process has its state.</summary>
    /// <exception cref="RsyncFsException">Its lock can not be looked at.</exception>
    public bool IsAtWork(TargetEntry target) =>
        target.Served
            ? target.Peer is not null
            : StateLock.IsHeld(
                target.Device is null && target.Local
                    ? Path.Combine(errand.StateDirectory, target.Name)
                    : TargetPlace.Of(errand.StateDirectory, target.Name).Path
            );

    /// <summary>Directories of attempts that never became a target, and of targets whose state is gone.</summary>
    /// <exception cref="StateException">The directory can not be listed.</exception>
    public IEnumerable<Finding> Leftovers()
    {
        if (!StateOwner.IsOwn(errand.StateDirectory))
        {
            return
            [
                new Finding(
                    FindingLevel.Note,
                    Finding.UncheckedId,
                    errand.StateDirectory,
                    "not looked at for what was left behind: it is not root's alone"
                )
                {
                    Hint =
                        $"as its user: runuser -u $(stat -c %U {errand.StateDirectory}) -- rsyncfs doctor --state {errand.StateDirectory}",
                },
            ];
        }

        return
        [
            .. TargetPlace
                .All(errand.StateDirectory)
                .Where(place => !place.Exists && !StateLock.IsHeld(place.Path))
                .Select(Leftover),
        ];
    }

    private Finding Leftover(TargetPlace place)
    {
        if (!place.IsLeftover)
        {
            return new Finding(
                FindingLevel.Warning,
                "state-lost",
                place.Path,
                "has files of a target, and no state"
            )
            {
                Hint =
                    "if the state was moved away, put it back; else move the directory away, and take the device in anew: rsyncfs target adopt NAME=DEVICE",
            };
        }

        var found = new Finding(
            FindingLevel.Warning,
            "leftover",
            place.Path,
            "is left of an attempt that never became a target"
        )
        {
            IsFixable = true,
            Hint = "rsyncfs doctor --fix",
        };
        if (!isFixing)
        {
            return found;
        }

        place.RemoveLeftover();
        return found.After(Directory.Exists(place.Path) ? "it is still there" : null);
    }

    private static string HintOf(TargetEntry target) =>
        target.Status is "initializing" or "direct" or "diverged"
            ? "run its sync again; more: " + Show(target)
            : Show(target);

    private static string Show(TargetEntry target) => $"rsyncfs target show {target.Name}";
}
