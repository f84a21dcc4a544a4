namespace RsyncFs.Cli.Arguments;

/// <summary>A target of a receiver that is reached over TCP.</summary>
/// <param name="Host">A name or an address, without brackets.</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="Target">The target's name there.</param>
/// <param name="IsEncrypted">True for TLS, where both ends know each other by their keys.</param>
internal sealed record TcpDestination(string Host, int Port, string Target, bool IsEncrypted)
    : RemoteDestination(Target)
{
    /// <summary>The scheme of an encrypted one.</summary>
    public const string TlsScheme = "rsyncfs";

    /// <summary>The scheme of one that is not.</summary>
    public const string PlainScheme = "rsyncfs+tcp";

    /// <summary>As it is written on the command line, the port always.</summary>
    public override string ToString() =>
        $"{(IsEncrypted ? TlsScheme : PlainScheme)}://{new HostAndPort(Host, Port)}/{Target}";
}
