using RsyncFs.Access;

namespace RsyncFs.Cli.Engine;

/// <summary>
/// Who is at the other end of a session, for people. What is proven stands by itself; what the peer says of itself is
/// in quotes, and can have none: it can not pass for another.
/// </summary>
/// <param name="Address">Its address and port.</param>
internal sealed record SessionPeer(string Address)
{
    /// <summary>What this machine calls it; null where it is not known.</summary>
    public string? Name { get; init; }

    /// <summary>The key that it has proven to have; null if it showed none.</summary>
    public KeyFingerprint? Key { get; init; }

    /// <summary>Its name of itself; null before it said one.</summary>
    public string? Node { get; init; }

    /// <summary>With its key: <c>web1 ("db-host", 192.0.2.1:40000, rfk1:...)</c>.</summary>
    public string WithKey => Print(Key?.ToString());

    /// <summary>In short: <c>web1 ("db-host", 192.0.2.1:40000)</c>, or <c>"db-host" (127.0.0.1:40000, no key)</c>.</summary>
    public override string ToString() => Print(key: null);

    private string Print(string? key)
    {
        var claim = Node is null ? null : $"\"{Node.Replace('"', '\'')}\"";
        if (Name is not null)
        {
            return $"{Name} ({Joined(claim, Address, key)})";
        }

        return claim is not null ? $"{claim} ({Address}, no key)"
            : key is not null ? $"{Address} ({key})"
            : Address;
    }

    private static string Joined(params string?[] parts) =>
        string.Join(", ", parts.Where(part => part is not null));
}
