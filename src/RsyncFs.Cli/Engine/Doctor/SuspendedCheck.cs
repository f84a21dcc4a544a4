using RsyncFs.Linux.Lvm;

namespace RsyncFs.Cli.Engine.Doctor;

/// <summary>Mapped devices that are suspended: whoever writes them waits, and so does whoever reads them past the cache.</summary>
internal static class SuspendedCheck
{
    /// <summary>What is suspended and stays so for seconds.</summary>
    public static IReadOnlyList<Finding> Run(TimeProvider clock) =>
        [
            .. LvmCheckup
                .Suspended(clock)
                .Select(name => new Finding(
                    FindingLevel.Error,
                    "suspended",
                    name,
                    "is suspended: everybody who reads or writes it waits"
                )
                {
                    // No note of ours says that it was us: so it is a person who says that nobody needs it so.
                    Hint = $"dmsetup resume {name}",
                }),
        ];
}
