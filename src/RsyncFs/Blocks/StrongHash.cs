using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;

namespace RsyncFs.Blocks;

/// <summary>
/// The strong hash of one volume: algorithm and seed, chosen at the volume's first copy and kept for its life.
/// Two blocks with the same digest are taken for equal, so the seed is a secret of the two ends.
/// </summary>
/// <remarks>XXH128: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md. SHA-256: FIPS 180-4; it has no seed.</remarks>
/// <param name="Algorithm">Which hash.</param>
/// <param name="Seed">The secret seed of XXH128; 0 and unused for SHA-256.</param>
public sealed record StrongHash(HashAlgorithmId Algorithm, ulong Seed)
{
    /// <summary>Bytes of a digest of this algorithm.</summary>
    public int DigestLength => DigestLengthOf(Algorithm);

    /// <summary>Bytes of a digest of <paramref name="algorithm"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such algorithm.</exception>
    public static int DigestLengthOf(HashAlgorithmId algorithm) =>
        algorithm switch
        {
            HashAlgorithmId.XxHash128 => 16,
            HashAlgorithmId.Sha256 => 32,
            _ => throw new ArgumentOutOfRangeException(
                nameof(algorithm),
                algorithm,
                "unknown hash algorithm"
            ),
        };

    /// <summary>Never the seed: what is printed may be logged.</summary>
    public override string ToString() => Algorithm.ToString();

    /// <summary>The digest of <paramref name="data"/>.</summary>
    public Digest Compute(ReadOnlySpan<byte> data)
    {
        if (Algorithm == HashAlgorithmId.XxHash128)
        {
            // The canonical form of XXH128 is big-endian; ours is the number itself, stored little-endian.
            return new Digest(XxHash128.HashToUInt128(data, unchecked((long)Seed)), UInt128.Zero);
        }

        Span<byte> digest = stackalloc byte[32];
        SHA256.HashData(data, digest);
        return Digest.Read(digest);
    }

    /// <summary>
    /// A short hash of one page, good enough to ask "is this page the same?" where the block's own digest proves
    /// the answer: the low half of XXH3-64 with a seed that differs from the digests'.
    /// </summary>
    public uint ComputePageHash(ReadOnlySpan<byte> page) =>
        (uint)XxHash3.HashToUInt64(page, unchecked((long)(Seed ^ PageHashSalt)));

    /// <summary>The next value of a chain: the digest of the last value followed by the digest of what is added.</summary>
    public Digest Chain(Digest last, ReadOnlySpan<byte> added)
    {
        Span<byte> both = stackalloc byte[2 * Digest.MaxLengthBytes];
        last.Write(both[..Digest.MaxLengthBytes]);
        Compute(added).Write(both[Digest.MaxLengthBytes..]);
        return Compute(both);
    }

    /// <summary>A public name of the seed, by which files and messages say which seed they belong to.</summary>
    public ulong SeedId
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, Seed);
            "seed-id:"u8.CopyTo(bytes[8..]);
            Span<byte> digest = stackalloc byte[32];
            SHA256.HashData(bytes, digest);
            return BinaryPrimitives.ReadUInt64LittleEndian(digest);
        }
    }

    // The digits of pi, so that nobody has to wonder.
    private const ulong PageHashSalt = 0x3141_5926_5358_9793;
}
