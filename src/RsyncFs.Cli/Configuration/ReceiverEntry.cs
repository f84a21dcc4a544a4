using RsyncFs.Access;
using RsyncFs.Blocks;
using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Configuration;

/// <summary>A receiver as the configuration names it: where it is, without a target.</summary>
internal sealed record ReceiverEntry
{
    // Any name will do to read an address that has none yet.
    private const string AnyTarget = "t";

    private static readonly Choice<bool> Plaintext = new("allow_plaintext", ("true", true), ("false", false));

    /// <summary>Where it is, as it was written.</summary>
    public required string Url { get; init; }

    /// <summary>The key that it must have; null if it is not said.</summary>
    public KeyFingerprint? Pin { get; init; }

    /// <summary>How it is reached through ssh.</summary>
    public SshSettings Ssh { get; init; } = SshSettings.Default;

    /// <summary>True if an unencrypted connection to it is allowed.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary>How what is sent to it is compressed; null as each job says.</summary>
    public Compression? Compression { get; init; }

    /// <summary>How fast may be sent to it.</summary>
    public RateSchedule Rates { get; init; } = RateSchedule.Unlimited;

    /// <summary>The address of a target there.</summary>
    /// <param name="target">A name that a target may have.</param>
    public RemoteDestination At(string target) => Parse(Url, target);

    /// <summary>Reads one; null, and a fault, if it has no address.</summary>
    public static ReceiverEntry? Read(ConfigMap map)
    {
        var url = map.Take("url");
        if (url is null)
        {
            _ = map.Require("url", "as in  url: rsyncfs://backup1.example.net");
        }

        var some = url?.As<RemoteDestination?>(text => Parse(text, AnyTarget), otherwise: null);
        var entry = some is null
            ? null
            : new ReceiverEntry
            {
                Url = url!.AsText()!,
                Pin = map.Read<KeyFingerprint?>("key", ParseKey, otherwise: null),
                AllowPlaintext = map.Read("allow_plaintext", Plaintext.Parse, otherwise: false),
                Ssh = new SshSettings(
                    map.Read("ssh_command", Words, SshSettings.Default.Program),
                    map.Read("remote_rsyncfs", text => text, SshSettings.Default.RemoteProgram)
                ),
                Compression = map.Read<Compression?>(
                    "compression",
                    text => CompressionWord.Parse(text),
                    otherwise: null
                ),
                Rates = map.Take("bwlimit") is { } limit ? RateRules.Read(limit) : RateSchedule.Unlimited,
            };
        if (entry is not null)
        {
            CheckMeaning(map, some!);
            map.Finish();
        }

        return entry;
    }

    /// <summary>What is for another way to a receiver does nothing on this one.</summary>
    private static void CheckMeaning(ConfigMap map, RemoteDestination way)
    {
        Check("key", way is TcpDestination { IsEncrypted: true }, "rsyncfs://");
        Check("allow_plaintext", way is TcpDestination { IsEncrypted: false }, "rsyncfs+tcp://");
        Check("ssh_command", way is SshDestination, "rsyncfs+ssh://");
        Check("remote_rsyncfs", way is SshDestination, "rsyncfs+ssh://");

        void Check(string key, bool hasMeaning, string scheme)
        {
            if (!hasMeaning)
            {
                map.Take(key)?.Refuse($"it is for {scheme}", "take it out, or change the url");
            }
        }
    }

    private static RemoteDestination Parse(string url, string target)
    {
        var trimmed = url.EndsWith('/') ? url[..^1] : url;
        var host = trimmed.IndexOf("://", StringComparison.Ordinal);
        if (host < 0 || trimmed.IndexOf('/', host + 3) >= 0)
        {
            throw UsageError.Of(
                $"'{url}' is not the address of a receiver",
                "as in rsyncfs://backup1.example.net, without a target: each job has its own"
            );
        }

        return (RemoteDestination)Destination.Parse($"{trimmed}/{target}");
    }

    private static KeyFingerprint? ParseKey(string text) =>
        KeyFingerprint.TryParse(text, out var key)
            ? key
            : throw UsageError.Of(
                $"'{text}' is no key",
                "it is what 'rsyncfs key show' prints there: rfk1:..."
            );

    private static IReadOnlyList<string> Words(string text) =>
        text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } words
            ? words
            : throw UsageError.Of("it is empty", "leave it out, or name a program");
}
