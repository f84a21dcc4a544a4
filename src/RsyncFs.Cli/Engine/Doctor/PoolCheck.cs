using RsyncFs.Errors;
using RsyncFs.Linux.Lvm;

namespace RsyncFs.Cli.Engine.Doctor;

/// <summary>Thin pools whose metadata is held though nobody reads it: changes can not be asked of them meanwhile.</summary>
/// <param name="isFixing">True to release what is noted as ours.</param>
internal sealed class PoolCheck(bool isFixing)
{
    /// <summary>Looks.</summary>
    /// <exception cref="RsyncFsException">LVM can not be asked.</exception>
    public IEnumerable<Finding> Run() => [.. LvmCheckup.HeldMetadata().Select(Look).OfType<Finding>()];

    private Finding? Look(HeldMetadata left)
    {
        if (!left.IsOurs)
        {
            return new Finding(
                FindingLevel.Warning,
                "metadata-held",
                left.Name,
                "its metadata snapshot is held, and nothing says by whom; tracked syncs of its volumes are not possible"
            )
            {
                Hint = $"if no program is at work on it: {left.Command}",
            };
        }

        var found = new Finding(
            FindingLevel.Warning,
            "metadata-held",
            left.Name,
            left.IsHeld
                ? "its metadata snapshot is held for a run of ours that was killed"
                : "a note says that its metadata snapshot is ours, and none is held"
        )
        {
            IsFixable = true,
            Hint = "rsyncfs doctor --fix",
        };
        return isFixing ? Mend(found, left) : found;
    }

    private static Finding? Mend(Finding found, HeldMetadata left)
    {
        try
        {
            left.Release();
            return found.After(obstacle: null);
        }
        catch (RefusedException busy) when (busy.Id == ErrorId.Locked)
        {
            // A run has begun meanwhile, which releases it itself.
            return null;
        }
        catch (RsyncFsException failure)
        {
            return found.After(failure.Cause ?? failure.Message);
        }
    }
}
