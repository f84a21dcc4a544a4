using System.Security.Cryptography;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Linux.Native;

namespace RsyncFs.Cli.Engine;

/// <summary>What this machine gives both ends.</summary>
internal static class Machine
{
    /// <summary>Codecs, clock, randomness and the machine's name.</summary>
    /// <exception cref="Errors.RsyncFsException">liblz4 is not installed.</exception>
    public static Services Services()
    {
        var lz4 = new Lz4Codec();
        return new Services(lz4, TimeProvider.System, RandomNumberGenerator.Create())
        {
            Node = Environment.MachineName,
            Codecs = new BlockCodecs(lz4, ZstdCodec.Find()),
        };
    }

    /// <summary>Threads that read and hash: more than two gain nothing from one device.</summary>
    public static int Parallelism => Math.Min(2, Environment.ProcessorCount);
}
