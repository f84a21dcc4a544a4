using RsyncFs.Cli.Json;

namespace RsyncFs.Tests.Cli.Targets;

/// <summary>Documents whose fields fit together.</summary>
internal static class Documents
{
    private const string Generation = "1f2e3d4c00004000800000000000cafe";
    private const string Earlier = "0f2e3d4c00004000800000000000cafe";
    private const string Oldest = "0a2e3d4c00004000800000000000cafe";

    private static readonly DateTime DataTime = new(2026, 9, 24, 10, 15, 0, DateTimeKind.Utc);

    public static TargetEntry Consistent { get; } =
        new()
        {
            Name = "db01",
            Local = false,
            Served = true,
            Peer = "web1 (10.20.0.1:51234)",
            Status = "consistent",
            Inconsistent = false,
            Generation = Generation,
            DataTime = DataTime,
            DataAgeSeconds = 7,
            Epoch = 3,
            Device = "/dev/vgdr/db01",
        };

    public static TargetListDocument List { get; } =
        new()
        {
            StateDirectory = "/var/lib/rsyncfs",
            Targets =
            [
                Consistent,
                new TargetEntry
                {
                    Name = "mail",
                    Local = false,
                    Served = false,
                    Status = "direct",
                    Inconsistent = true,
                    Generation = Earlier,
                    DataTime = DataTime,
                    DataAgeSeconds = 93784,
                    Epoch = 1,
                    Device = "/dev/vgdr/mail",
                },
                new TargetEntry
                {
                    Name = "new",
                    Local = false,
                    Served = true,
                    Status = "empty",
                    Inconsistent = false,
                    Device = "/dev/vgdr/new",
                },
                new TargetEntry
                {
                    Name = "/backup/db01.img",
                    Local = true,
                    Served = false,
                    Status = "unreadable",
                    Inconsistent = false,
                    Device = "/backup/db01.img",
                    Error = new ControlError
                    {
                        Id = "state-damaged",
                        Message = "the state of a target can not be read",
                        Cause = "neither of its two slots is whole",
                    },
                },
            ],
        };

    public static TargetShowDocument Show { get; } =
        new()
        {
            Target = Consistent,
            StateDirectory = "/var/lib/rsyncfs/targets/db01",
            Parent = Earlier,
            Ancestors = [Earlier, Oldest],
            HighestEpoch = 3,
            ChangedAt = DataTime.AddDays(-2),
            Volume = new VolumeEntry("9e9d6038125490cb6028391cda8dfe63", "xxh128", 65536),
            Size = 53687091200,
            DeviceId = "dm/uuid:LVM-abc",
            MapBytes = 16781312,
            MapGeneration = Generation,
            Guards = new GuardEntry
            {
                Signature = "ext4 (UUID eb976d09-33c0-4b01-9ca9-4e052cea40af)",
                Duplicates = ["/dev/sdc"],
                UdevFile = "/etc/udev/rules.d/60-rsyncfs-db01.rules",
                UdevRule = "ACTION!=\"remove\", ...",
                LvmFilter = "global_filter = [ \"r|^/dev/vgdr/db01$|\", \"a|.*|\" ]",
                MdadmLine = "AUTO -all",
            },
        };

    public static TargetChangeDocument Promoted { get; } =
        new()
        {
            Verb = "promote",
            Target = "db01",
            Status = "promoted",
            DryRun = false,
            Changed = true,
            Served = true,
            Was = "consistent",
            Is = "primary",
            Device = "/dev/vgdr/db01",
            Generation = Generation,
            DataTime = DataTime,
            LossSeconds = 7,
            Epoch = 4,
            Size = 53687091200,
            StateDirectory = "/var/lib/rsyncfs/targets/db01",
            Warnings = ["mind this"],
            Next = [new NextCommand("here", "rsyncfs target reverse db01", "when the old primary is back")],
        };
}
