using System.Text.Json;
using RsyncFs.Cli.Commands.Targets;
using RsyncFs.Cli.Json;
using RsyncFs.Errors;
using RsyncFs.Linux.Lvm;

namespace RsyncFs.Cli.Engine.Doctor;

/// <summary>
/// Looks for what a killed run, a crash or a person left. Nothing is touched unless it is to be fixed; and then only what
/// certainly is this state directory's, and needed by nobody. A check that fails stops no other.
/// </summary>
/// <param name="errand">Where the targets are, and the state directory.</param>
/// <param name="isFixing">True to mend what can be.</param>
/// <param name="clock">Tells time.</param>
internal sealed class Checkup(TargetErrand errand, bool isFixing, TimeProvider clock)
{
    private readonly List<Finding> _findings = [];

    /// <summary>Everything that was found, checks that failed among it.</summary>
    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        // First: whoever touches what is suspended waits for ever, and so would we.
        var suspended = Check("the mapped devices", () => SuspendedCheck.Run(clock));
        if (LvmCheckup.Obstacle() is { } obstacle)
        {
            _findings.Add(
                new Finding(
                    FindingLevel.Note,
                    "no-lvm",
                    "LVM",
                    $"snapshots and pools were not looked at: {obstacle}"
                )
            );
        }
        else
        {
            Check("the snapshots of LVM", () => new SnapshotCheck(errand.StateDirectory, isFixing).Run());
            Check("the thin pools", () => new PoolCheck(isFixing).Run());
        }

        var targets = new TargetCheck(errand, isFixing);
        Check("left-over directories", targets.Leftovers);
        foreach (var target in await ListAsync(targets, cancellationToken))
        {
            Check(
                target.Name,
                () => TargetCheck.OfStatus(target, targets.IsAtWork(target)) is { } found ? [found] : []
            );
            if (suspended == 0 && target.Device is not null)
            {
                await CheckGuardsAsync(targets, target, cancellationToken);
            }
        }

        return [.. _findings.Select(Complete)];
    }

    private async Task<IReadOnlyList<TargetEntry>> ListAsync(
        TargetCheck targets,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await targets.ListAsync(cancellationToken);
        }
        catch (RsyncFsException failure)
        {
            _findings.Add(Finding.OfFailure("the targets", failure));
            return [];
        }
    }

    private async Task CheckGuardsAsync(
        TargetCheck targets,
        TargetEntry target,
        CancellationToken cancellationToken
    )
    {
        try
        {
            _findings.AddRange(await targets.GuardsAsync(target, cancellationToken));
        }
        catch (RsyncFsException failure)
        {
            _findings.Add(Finding.OfFailure(target.Name, failure));
        }
    }

    private int Check(string where, Func<IEnumerable<Finding>> check)
    {
        try
        {
            var found = check().ToList();
            _findings.AddRange(found);
            return found.Count;
        }
        catch (Exception failure)
            when (failure is RsyncFsException or IOException or UnauthorizedAccessException or JsonException)
        {
            _findings.Add(Finding.OfFailure(where, failure));
            return 0;
        }
    }

    private Finding Complete(Finding finding) =>
        finding.Hint is { } hint ? finding with { Hint = errand.Given.Complete(hint) } : finding;
}
