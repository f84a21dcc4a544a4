using System.Security.Cryptography;
using RsyncFs.Devices;
using RsyncFs.Linux.Native;

namespace RsyncFs.Cli.Engine;

/// <summary>What this machine gives both ends.</summary>
internal static class Machine
{
    /// <summary>Codec, clock, randomness and the machine's name.</summary>
    /// <exception cref="Errors.RsyncFsException">liblz4 is not installed.</exception>
    public static Services Services() =>
        new(new Lz4Codec(), TimeProvider.System, RandomNumberGenerator.Create())
        {
            Node = Environment.MachineName,
        };

    /// <summary>Threads that read and hash: more than two gain nothing from one device.</summary>
    public static int Parallelism => Math.Min(2, Environment.ProcessorCount);
}
