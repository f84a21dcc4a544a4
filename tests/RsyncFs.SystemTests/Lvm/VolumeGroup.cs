using RsyncFs.Linux.Lvm;
using RsyncFs.SystemTests.Fixtures;
using RsyncFs.Tests;
using Xunit;

namespace RsyncFs.SystemTests.Lvm;

/// <summary>
/// A volume group with a thin pool, on the scratch disks of a guest or, where this machine has the device-mapper, on
/// loop devices. Removed with everything in it when the test is done.
/// </summary>
internal sealed class VolumeGroup : IDisposable
{
    /// <summary>The disks of a guest serve one test at a time.</summary>
    public const string Collection = "volume groups";

    private const long DiskBytes = 1L << 30;
    private static readonly string Script = Path.Combine(SourceTree.Root, "scripts/lvm/test-volume-group");

    private readonly List<LoopDevice> _loops = [];

    /// <summary>Makes it.</summary>
    /// <param name="poolOptions">How the thin pool is made, if it is not the usual one.</param>
    public VolumeGroup(params string[] poolOptions)
    {
        Root.Require();
        Assert.SkipUnless(
            LvmCheckup.IsDeviceMapperThere(),
            "this kernel has no device-mapper: scripts/lvm/test runs it in a guest"
        );
        Name = $"rsyncfs-test{Guid.NewGuid():N}"[..20];
        Command.Run(Script, ["make", Name, .. Disks()]);
        try
        {
            string[] pool = ["-q", "-y", "--type", "thin-pool", "-n", "pool", Name];
            Command.Run("lvcreate", [.. pool, .. poolOptions.Length > 0 ? poolOptions : ["-L", "512m"]]);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Its name; dashes in it are doubled by the device-mapper.</summary>
    public string Name { get; }

    /// <summary>Makes a volume; gives its path.</summary>
    public string Make(string name, bool isThin, string size = "64m")
    {
        Command.Run(
            "lvcreate",
            isThin
                ? ["-q", "-y", "-V", size, "-n", name, "--thinpool", $"{Name}/pool"]
                : ["-q", "-y", "-Wn", "-L", size, "-n", name, Name]
        );
        return $"/dev/{Name}/{name}";
    }

    /// <summary>What the device-mapper calls a volume.</summary>
    public string MappedName(string name) => $"{Escape(Name)}-{Escape(name)}";

    /// <summary>The names of the snapshots of a volume.</summary>
    public IReadOnlyList<string> SnapshotsOf(string name) =>
        [
            .. Command
                .Run("lvs", "--noheadings", "-o", "lv_name", "-S", $"vg_name={Name} && origin={name}")
                .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
        ];

    public void Dispose()
    {
        Command.Run(Script, "remove", Name);
        _loops.ForEach(loop => loop.Dispose());
    }

    private static string Escape(string name) => name.Replace("-", "--", StringComparison.Ordinal);

    private string[] Disks()
    {
        if (Environment.GetEnvironmentVariable("GUEST_DISKS") is { Length: > 0 } disks)
        {
            return disks.Split(' ');
        }

        _loops.Add(new LoopDevice(DiskBytes));
        return [_loops[0].Path];
    }
}
