namespace RsyncFs.Cli.Arguments;

/// <summary>A target of a receiver that is reached over plain TCP.</summary>
/// <param name="Host">A name or an address, without brackets.</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="Target">The target's name there.</param>
internal sealed record TcpDestination(string Host, int Port, string Target) : Destination
{
    /// <summary>As it is written on the command line, the port always.</summary>
    public override string ToString() => $"rsyncfs+tcp://{new HostAndPort(Host, Port)}/{Target}";
}
