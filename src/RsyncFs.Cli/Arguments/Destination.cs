using RsyncFs.Errors;

namespace RsyncFs.Cli.Arguments;

/// <summary>Where a source is replicated to: a target of a receiver, or a device or image of this machine.</summary>
internal abstract record Destination
{
    private const string UrlForm =
        "write rsyncfs://HOST[:PORT]/TARGET, rsyncfs+tcp://HOST[:PORT]/TARGET, or the path of a local device or image";

    private static readonly string[] Schemes =
    [
        TcpDestination.TlsScheme,
        TcpDestination.PlainScheme,
        "rsyncfs+ssh",
    ];

    /// <summary>Reads <c>rsyncfs://HOST[:PORT]/TARGET</c>, the same of <c>rsyncfs+tcp</c>, or takes the text for a local path.</summary>
    /// <exception cref="RsyncFsException">
    /// An address that is incomplete, of another scheme, or written as rsync writes them (<c>host:path</c>).
    /// </exception>
    public static Destination Parse(string text)
    {
        if (text.Length == 0)
        {
            throw UsageError.Of("the destination is empty", UrlForm);
        }

        var separator = text.IndexOf("://", StringComparison.Ordinal);
        if (separator >= 0)
        {
            var scheme = text[..separator];
            RequireKnownScheme(text, scheme);
            var isEncrypted = scheme is TcpDestination.TlsScheme;
            return ParseTcp(text, text[(separator + 3)..], isEncrypted);
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (colon >= 0 && (slash < 0 || colon < slash))
        {
            throw UsageError.Of(
                $"'{text}' looks like a host and a path",
                $"{UrlForm}; a file of that name is ./{text}"
            );
        }

        return new LocalDestination(text);
    }

    private static void RequireKnownScheme(string text, string scheme)
    {
        if (scheme is TcpDestination.TlsScheme or TcpDestination.PlainScheme)
        {
            return;
        }

        if (scheme is "rsyncfs+ssh")
        {
            throw UsageError.Of(
                $"'{scheme}://' is not there yet",
                "use rsyncfs:// with keys (rsyncfs key gen)"
            );
        }

        var nearest = NearestWord.Find(scheme, Schemes);
        throw UsageError.Of(
            $"'{text}' has the unknown scheme '{scheme}'",
            nearest is null ? UrlForm : $"did you mean '{nearest}'?   {UrlForm}"
        );
    }

    private static TcpDestination ParseTcp(string text, string rest, bool isEncrypted)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var name = slash < 0 ? "" : rest[(slash + 1)..];
        if (name.Length == 0)
        {
            throw UsageError.Of($"'{text}' names no target", UrlForm);
        }

        if (!TargetName.IsValid(name))
        {
            throw UsageError.Of($"'{name}' is not a target's name", TargetName.Rule);
        }

        var address = HostAndPort.Parse(rest[..slash]);
        if (address.IsEveryAddress)
        {
            throw UsageError.Of(
                $"'{address.Host}' is no address of a receiver",
                "it stands for every address of a machine, for serve --listen; this machine is 127.0.0.1"
            );
        }

        if (address.Host.Length == 0 || address.Port == 0)
        {
            throw UsageError.Of($"'{text}' names no {(address.Port == 0 ? "port" : "host")}", UrlForm);
        }

        return new TcpDestination(address.Host, address.Port, name, isEncrypted);
    }
}
