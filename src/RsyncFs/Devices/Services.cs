using System.Security.Cryptography;
using RsyncFs.Blocks;

namespace RsyncFs.Devices;

/// <summary>What both ends take from the machine they run on.</summary>
/// <param name="Codec">LZ4, or what takes its place.</param>
/// <param name="Clock">Tells time and sets timers.</param>
/// <param name="Random">Makes ids, seeds and samples.</param>
public sealed record Services(IBlockCodec Codec, TimeProvider Clock, RandomNumberGenerator Random)
{
    /// <summary>All codecs of the machine: <see cref="Codec"/>, and zstd where there is one.</summary>
    public BlockCodecs Codecs { get; init; } = new(Codec);

    /// <summary>This machine's name, for the peer's log.</summary>
    public string Node { get; init; } = "";

    /// <summary>A fresh random id.</summary>
    public Guid NewId()
    {
        Span<byte> bytes = stackalloc byte[16];
        Random.GetBytes(bytes);
        return new Guid(bytes);
    }

    /// <summary>A fresh random number.</summary>
    public ulong NewNumber()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Random.GetBytes(bytes);
        return BitConverter.ToUInt64(bytes);
    }
}
