using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RsyncFs.Cli.Arguments;

/// <summary>A host and a port as they stand in an address: <c>host</c>, <c>host:port</c>, <c>[::1]:port</c>.</summary>
/// <param name="Host">A name or an address, without brackets; empty if none was written.</param>
/// <param name="Port">0 to 65535.</param>
internal readonly record struct HostAndPort(string Host, int Port)
{
    private static readonly SearchValues<char> HostLetters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"
    );

    // RFC 1035, 2.3.4; longer ones are an error of the caller to the resolver.
    private const int MaxHostLetters = 253;

    /// <summary>The port of the data connection where none is written.</summary>
    public const int DefaultPort = 8730;

    /// <summary>Reads <paramref name="text"/>, which may lack host and port.</summary>
    /// <exception cref="Errors.RsyncFsException">Brackets without an IPv6 address, an IPv6 address without brackets, a host with letters that no host has, too many of them, or a dash in front, or no port number behind the colon.</exception>
    public static HostAndPort Parse(string text)
    {
        string host;
        string rest;
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']', StringComparison.Ordinal);
            host = end < 0 ? "" : text[1..end];
            if (
                !IPAddress.TryParse(host, out var address)
                || address.AddressFamily != AddressFamily.InterNetworkV6
            )
            {
                throw UsageError.Of(
                    $"'{text}' has no IPv6 address in its brackets",
                    "write it as [2001:db8::7]:8730"
                );
            }

            rest = text[(end + 1)..];
        }
        else
        {
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon >= 0 && text.IndexOf(':', colon + 1) >= 0)
            {
                throw UsageError.Of(
                    $"'{text}' has more than one colon",
                    "write an IPv6 address in brackets: [2001:db8::7]:8730"
                );
            }

            host = colon < 0 ? text : text[..colon];
            rest = colon < 0 ? "" : text[colon..];
            // No name begins with a dash (RFC 1123, 2.1); another program that is given one takes it for an option.
            if (
                host.Length > MaxHostLetters
                || host.StartsWith('-')
                || host.AsSpan().ContainsAnyExcept(HostLetters)
            )
            {
                throw UsageError.Of(
                    $"'{host}' is not a host",
                    "write a name or an address, as in backup1.example.net:8730"
                );
            }
        }

        return new HostAndPort(host, ParsePort(text, rest));
    }

    /// <summary>True for the address that stands for all addresses of a machine: it can be listened on, and leads nowhere.</summary>
    public bool IsEveryAddress =>
        IPAddress.TryParse(Host, out var address)
        && (
            address.Equals(IPAddress.IPv6Any)
            || (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).Equals(IPAddress.Any)
        );

    /// <summary>As it is written: an IPv6 address in brackets, the port always.</summary>
    public override string ToString() =>
        Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    private static int ParsePort(string text, string rest)
    {
        if (rest.Length == 0)
        {
            return DefaultPort;
        }

        return
            rest[0] == ':'
            && ushort.TryParse(rest.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? port
            : throw UsageError.Of(
                $"'{text}' has no port number behind the host",
                "a port is a number up to 65535, as in 127.0.0.1:8730"
            );
    }
}
