using System.Security.Cryptography;
using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Linux.Native;

namespace RsyncFs.Cli.Engine;

/// <summary>What this machine gives both ends.</summary>
internal static class Machine
{
    // One for all cycles of a loop: what they hold of native memory would pile up else until somebody collects it.
    private static readonly Lazy<BlockCodecs> s_codecs = new(() =>
        new BlockCodecs(new Lz4Codec(), ZstdCodec.Find())
    );

    /// <summary>Codecs, clock, randomness and the machine's name.</summary>
    /// <exception cref="Errors.RsyncFsException">liblz4 is not installed.</exception>
    public static Services Services() =>
        new(s_codecs.Value.Lz4, TimeProvider.System, RandomNumberGenerator.Create())
        {
            Node = Environment.MachineName,
            Codecs = s_codecs.Value,
        };

    /// <summary>Threads that read and hash: more than two gain nothing from one device.</summary>
    public static int Parallelism => Math.Min(2, Environment.ProcessorCount);
}
