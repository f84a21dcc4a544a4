using System.Net;
using RsyncFs.Errors;

namespace RsyncFs.Protocol;

/// <summary>Where an unencrypted connection may go: to this machine always, elsewhere only if somebody said so.</summary>
public static class PlaintextPolicy
{
    /// <summary>True for an address that never leaves the machine; an IPv4 address inside IPv6 counts as itself (RFC 4291, 2.5.5.2).</summary>
    public static bool IsLocal(IPAddress address) =>
        IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    /// <summary>Lets an unencrypted connection pass, or refuses it. To be asked before a byte is sent or read.</summary>
    /// <param name="address">The other end.</param>
    /// <param name="isAllowed">True if this end was told to allow it, because the line is protected otherwise.</param>
    /// <param name="end">Which end this is: a receiver's refusal is read at the sender's, too.</param>
    /// <exception cref="RefusedException">The address is another machine's, and nobody allowed that. Nothing was sent.</exception>
    public static void Demand(IPAddress address, bool isAllowed, ProtocolRole end)
    {
        if (!isAllowed && !IsLocal(address))
        {
            throw new RefusedException(
                ErrorId.PlaintextRefused,
                "an unencrypted connection to another machine is not allowed"
            )
            {
                Where = address.ToString(),
                Cause =
                    $"the {(end == ProtocolRole.Receiver ? "receiver" : "sender")} was not told --allow-plaintext; anybody on the way could read and change the data",
                Hint =
                    "if the line is protected otherwise (WireGuard, ssh -L), say --allow-plaintext on both ends",
            };
        }
    }
}
