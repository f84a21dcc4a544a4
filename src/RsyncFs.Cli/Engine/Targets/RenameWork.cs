using RsyncFs.Blocks;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;
using RsyncFs.Linux.State;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>Gives a target another name: its directory moves, and nothing in it changes.</summary>
/// <param name="stateDirectory">The state directory.</param>
/// <param name="request">What was asked for.</param>
internal sealed class RenameWork(string stateDirectory, ControlRequest request)
{
    /// <summary>The new place.</summary>
    public TargetPlace Target { get; } = TargetPlace.Of(stateDirectory, request.NewName ?? "");

    /// <summary>Refuses what can not be renamed, or not so.</summary>
    /// <param name="place">The target.</param>
    /// <param name="isTaken">True if a target of the new name is served.</param>
    /// <exception cref="RsyncFsException">A local destination, or a name that is taken. Nothing was changed.</exception>
    public void Require(TargetPlace place, bool isTaken)
    {
        if (place.IsLocal || Target.IsLocal)
        {
            throw UsageError.Of(
                "a local destination has no name but its path",
                "rename a target that is served, as in: rsyncfs target rename db01 db02"
            );
        }

        if (isTaken || Target.Exists)
        {
            throw new RefusedException(ErrorId.TargetState, "there is a target of that name already")
            {
                Where = Target.Name,
                Cause = $"its state is in {Target.Path}",
                Hint = "choose another name",
            };
        }
    }

    /// <summary>True if this was done before: the old name is gone and the new one is there.</summary>
    public bool IsDone(TargetPlace place) => !place.Exists && Target.Exists && !place.IsLocal;

    /// <summary>Makes durable what an attempt that failed may have left in memory alone.</summary>
    /// <exception cref="StateException">It is where it shall be, and that may not be durable.</exception>
    public void Finish() => LinuxDurableDirectory.OpenRoot(Path.GetDirectoryName(Target.Path)!).Flush();

    /// <summary>Durably moves the directory. Nobody may have the target open.</summary>
    /// <exception cref="StateException">It is where it was, or where it shall be.</exception>
    public void Move(TargetPlace place)
    {
        Target.RemoveLeftover();
        var parent = LinuxDurableDirectory.OpenRoot(Path.GetDirectoryName(place.Path)!);
        parent.Rename(place.Name, Target.Name);
        parent.Flush();
    }

    /// <summary>What is told of it.</summary>
    public TargetChangeDocument Describe(TargetView view, bool isDone)
    {
        var word = TargetStatusText.Word(view.Record?.Status ?? TargetStatus.Empty);
        return new TargetChangeDocument
        {
            Verb = "rename",
            Target = request.Target!,
            NewName = Target.Name,
            Status = isDone ? "already_renamed" : "renamed",
            DryRun = request.DryRun,
            Changed = !isDone,
            Served = view.IsServed,
            Was = word,
            Is = word,
            Device = view.DevicePath,
            StateDirectory = Target.Path,
            Warnings = isDone ? [] : [$"senders ask for it as rsyncfs://HOST/{Target.Name} from now on"],
            Next = isDone
                ? []
                :
                [
                    new NextCommand(
                        "here",
                        $"rsyncfs serve ... --target {Target.Name}={view.DevicePath ?? "DEVICE"}   in place of --target {request.Target}=..."
                    ),
                ],
        };
    }
}
