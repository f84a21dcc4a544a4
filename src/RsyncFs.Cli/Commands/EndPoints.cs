using System.CommandLine;
using RsyncFs.Access;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Output;
using RsyncFs.Linux.Lvm;

namespace RsyncFs.Cli.Commands;

/// <summary>The arguments SOURCE and DEST, and the word on reading a source that is in use.</summary>
internal sealed class EndPoints
{
    /// <summary>What a local destination is called where a receiver would have a name for it.</summary>
    public const string LocalTargetName = "local";

    private readonly Argument<string?> _source = new("SOURCE")
    {
        Description =
            "The block device or image to read. It is never written. A group: absolute paths with commas, /dev/vg/a,/dev/vg/b.",
    };

    private readonly Argument<string?> _destination = new("DEST")
    {
        Description =
            "rsyncfs://HOST[:PORT]/TARGET, rsyncfs+ssh://[USER@]HOST[:PORT]/TARGET, rsyncfs+tcp://HOST[:PORT]/TARGET (not encrypted), or a local block device or image (or as many of them as the group has).",
    };

    private readonly Option<string?> _snapshot = new("--snapshot")
    {
        Description =
            "auto: of a logical volume of LVM a snapshot is taken and read; anything else must not be in use. none: read it as it is, and mark the copy fuzzy if it is in use. Default: auto.",
        HelpName = SyncWords.Snapshots.HelpName,
    };

    private readonly Option<string?> _pin = new("--pin")
    {
        Description =
            "The key that the receiver must have. Default: the one that 'rsyncfs peer add HOST KEY' noted for the host of DEST.",
        HelpName = "KEY",
    };

    private readonly SshOptions _ssh = new();

    private readonly Option<string?> _cowSize = new("--cow-size")
    {
        Description =
            "Space for a snapshot of a volume that is not thin: what changes meanwhile must fit. Default: 10%.",
        HelpName = "SIZE|PERCENT",
    };

    private readonly Option<bool> _usedOnly = Flag.Of(
        "--used-only",
        "Do not read what the filesystem of SOURCE (ext2, ext3, ext4, XFS) calls free: it counts as zeros."
    );

    /// <summary>Adds arguments and option to <paramref name="command"/>.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(_source);
        command.Arguments.Add(_destination);
        command.Options.Add(_snapshot);
        command.Options.Add(_cowSize);
        command.Options.Add(_usedOnly);
        command.Options.Add(_pin);
        _ssh.AddTo(command);
    }

    /// <summary>Source and destination.</summary>
    /// <exception cref="Errors.RsyncFsException">One can not be understood, or both are the same path.</exception>
    public (string SourcePath, Destination Destination, RunTitle Title) Bind(ParseResult parsed)
    {
        var sourcePath = parsed.GetValue(_source);
        if (string.IsNullOrEmpty(sourcePath))
        {
            throw UsageError.Of("the source is empty", "name a block device or an image");
        }

        if (sourcePath.Contains("://", StringComparison.Ordinal))
        {
            throw UsageError.Of(
                $"the source '{sourcePath}' is not on this machine",
                "rsyncfs sends from the machine that has the source: run it there"
            );
        }

        var parsedDestination = Destination.Parse(parsed.GetValue(_destination) ?? "");
        if (
            parsedDestination is LocalDestination local
            && string.Equals(
                Path.GetFullPath(local.Path),
                Path.GetFullPath(sourcePath),
                StringComparison.Ordinal
            )
        )
        {
            throw UsageError.Of(
                $"source and destination are both {sourcePath}",
                "name two different devices"
            );
        }

        return (sourcePath, parsedDestination, new RunTitle(sourcePath, parsedDestination.ToString()));
    }

    /// <summary>How the source is read.</summary>
    /// <exception cref="Errors.RsyncFsException">An unknown word, or no space.</exception>
    public SnapshotSettings BindSnapshot(ParseResult parsed) =>
        new(
            parsed.GetValue(_snapshot) is { } word ? SyncWords.Snapshots.Parse(word) : SnapshotMode.Auto,
            parsed.GetValue(_cowSize) is { } size ? CowSize.Parse(size) : CowSpace.Default,
            parsed.GetValue(_usedOnly)
        );

    /// <summary>How ssh and what it runs are called.</summary>
    /// <exception cref="Errors.RsyncFsException">Something is empty, or for another destination.</exception>
    public SshSettings BindSsh(ParseResult parsed, Destination destination) => _ssh.Bind(parsed, destination);

    /// <summary>The key that the receiver must have; null if nobody said.</summary>
    /// <exception cref="Errors.RsyncFsException">It is no key, or there is none on the way to the destination.</exception>
    public KeyFingerprint? BindPin(ParseResult parsed, Destination destination) =>
        parsed.GetValue(_pin) is not { } text ? null
        : destination is not TcpDestination { IsEncrypted: true }
            ? throw UsageError.Of("--pin is for rsyncfs://", $"no key is shown on the way to {destination}")
        : KeyFingerprint.TryParse(text, out var pin) ? pin
        : throw UsageError.Of(
            $"--pin {text} is no key",
            "it is what 'rsyncfs key show' prints there: rfk1:..."
        );

    /// <summary>The name by which the target is asked for.</summary>
    public static string TargetNameOf(Destination destination) =>
        destination is RemoteDestination remote ? remote.Target : LocalTargetName;
}
