using System.Text;
using RsyncFs.Cli.Configuration;

namespace RsyncFs.Fuzz.Targets;

/// <summary>A configuration: what can be used must say the same when it is printed and read again.</summary>
internal sealed class ConfigTarget : FuzzTarget
{
    private const string Path = "/etc/rsyncfs/rsyncfs.yaml";

    /// <inheritdoc/>
    public override string Name => "config";

    // Most of the time goes into making YAML of it.
    /// <inheritdoc/>
    public override int Share => 5;

    /// <inheritdoc/>
    public override int MaxLength => 2048;

    /// <inheritdoc/>
    public override long MaxAllocatedBytes => 32 * 1024 * 1024;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Covers => ["RsyncFs.Cli.Configuration."];

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Words =>
        [
            "\n  - "u8.ToArray(),
            "\n    "u8.ToArray(),
            ": "u8.ToArray(),
            "{ "u8.ToArray(),
            " }"u8.ToArray(),
            "[a, b]"u8.ToArray(),
            "&a "u8.ToArray(),
            "*a"u8.ToArray(),
            "10MiB/s"u8.ToArray(),
            "08:00-18:00"u8.ToArray(),
            "true"u8.ToArray(),
            "hooks"u8.ToArray(),
            "bwlimit"u8.ToArray(),
            "snapshot"u8.ToArray(),
        ];

    /// <inheritdoc/>
    public override IEnumerable<byte[]> Seeds() =>
        [
            Encoding.UTF8.GetBytes(ConfigExample.Text),
            """
            version: 1
            receivers: { r: { url: rsyncfs://r.example.net, bwlimit: 10MiB/s } }
            defaults: { interval: 5m, snapshot: { type: none } }
            jobs:
              - { name: a, device: /srv/a.img, to: [r, { receiver: r, target: b }, /srv/b.img] }

            """u8.ToArray(),
        ];

    /// <inheritdoc/>
    public override void Read(byte[] input)
    {
        var config = Config.Parse(Path, Encoding.UTF8.GetString(input));
        var printed = ConfigPrinter.Print(config, config.Jobs, withDefaults: true);
        var again = Config.Parse(Path, printed);
        Require(
            string.Equals(
                ConfigPrinter.Print(again, again.Jobs, withDefaults: true),
                printed,
                StringComparison.Ordinal
            ),
            "another configuration when it is printed and read again"
        );
    }
}
