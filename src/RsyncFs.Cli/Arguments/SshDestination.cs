using System.Globalization;

namespace RsyncFs.Cli.Arguments;

/// <summary>A target of a receiver that is reached through ssh.</summary>
/// <param name="User">Who to be there; null to leave it to ssh.</param>
/// <param name="Host">A name, an address without brackets, or what ssh's own configuration calls it.</param>
/// <param name="Port">1 to 65535; null to leave it to ssh.</param>
/// <param name="Target">The target's name there.</param>
internal sealed record SshDestination(string? User, string Host, int? Port, string Target)
    : RemoteDestination(Target)
{
    /// <summary>The scheme.</summary>
    public const string Scheme = "rsyncfs+ssh";

    /// <summary>The host as people know it, with the user if one was named.</summary>
    public string Where => User is null ? Host : $"{User}@{Host}";

    /// <summary>As it is written on the command line.</summary>
    public override string ToString()
    {
        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        var user = User is null ? "" : $"{User}@";
        var port = Port is { } number ? string.Create(CultureInfo.InvariantCulture, $":{number}") : "";
        return $"{Scheme}://{user}{host}{port}/{Target}";
    }
}
