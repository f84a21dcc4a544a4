using System.Buffers;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Arguments;

/// <summary>Where a source is replicated to: a target of a receiver, or a device or image of this machine.</summary>
internal abstract record Destination
{
    private const string UrlForm =
        "write rsyncfs://HOST[:PORT]/TARGET, rsyncfs+ssh://[USER@]HOST[:PORT]/TARGET, rsyncfs+tcp://HOST[:PORT]/TARGET, or the path of a local device or image";

    // What useradd(8) takes, and no dash in front: ssh would read an option.
    private static readonly SearchValues<char> UserLetters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
    );

    private static readonly string[] Schemes =
    [
        TcpDestination.TlsScheme,
        TcpDestination.PlainScheme,
        SshDestination.Scheme,
    ];

    /// <summary>Reads <c>rsyncfs://HOST[:PORT]/TARGET</c>, the same of <c>rsyncfs+tcp</c> and <c>rsyncfs+ssh</c>, or takes the text for a local path.</summary>
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
            return ParseUrl(text, text[..separator], text[(separator + 3)..]);
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

    private static RemoteDestination ParseUrl(string text, string scheme, string rest)
    {
        if (!Schemes.Contains(scheme, StringComparer.Ordinal))
        {
            var nearest = NearestWord.Find(scheme, Schemes);
            throw UsageError.Of(
                $"'{text}' has the unknown scheme '{scheme}'",
                nearest is null ? UrlForm : $"did you mean '{nearest}'?   {UrlForm}"
            );
        }

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

        var where = rest[..slash];
        return scheme is SshDestination.Scheme
            ? ParseSsh(text, where, name)
            : ParseTcp(text, where, name, isEncrypted: scheme is TcpDestination.TlsScheme);
    }

    private static TcpDestination ParseTcp(string text, string where, string name, bool isEncrypted)
    {
        var address = HostAndPort.Parse(where);
        if (address.IsEveryAddress)
        {
            throw UsageError.Of(
                $"'{address.Host}' is no address of a receiver",
                "it stands for every address of a machine, for serve --listen; this machine is 127.0.0.1"
            );
        }

        RequireWhole(text, address);
        return new TcpDestination(address.Host, address.Port, name, isEncrypted);
    }

    private static SshDestination ParseSsh(string text, string where, string name)
    {
        var at = where.IndexOf('@', StringComparison.Ordinal);
        var user = at < 0 ? null : where[..at];
        if (
            user is not null
            && (user.Length == 0 || user[0] == '-' || user.AsSpan().ContainsAnyExcept(UserLetters))
        )
        {
            throw UsageError.Of($"'{user}' is not a user", UrlForm);
        }

        var host = where[(at + 1)..];
        var address = HostAndPort.Parse(host);
        RequireWhole(text, address);
        // Without one ssh decides: by its own configuration, else 22.
        var isPortWritten = host.Length > address.Host.Length && !host.EndsWith(']');
        return new SshDestination(user, address.Host, isPortWritten ? address.Port : null, name);
    }

    private static void RequireWhole(string text, HostAndPort address)
    {
        if (address.Host.Length == 0 || address.Port == 0)
        {
            throw UsageError.Of($"'{text}' names no {(address.Port == 0 ? "port" : "host")}", UrlForm);
        }
    }
}
