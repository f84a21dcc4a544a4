using System.Runtime.InteropServices;
using RsyncFs.Blocks;
using RsyncFs.Errors;

namespace RsyncFs.Linux.Native;

/// <summary>
/// LZ4 blocks (https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md) by the native library, which every
/// Debian with apt or systemd has. Any other implementation of the format can take this one's place.
/// </summary>
public sealed unsafe partial class Lz4Codec : IBlockCodec
{
    private const string Library = "liblz4.so.1";

    // The fastest setting that still finds what is there: lz4.h, LZ4_ACCELERATION_DEFAULT.
    private const int Acceleration = 1;

    /// <summary>Finds the library.</summary>
    /// <exception cref="RsyncFsException">It is not installed (<see cref="ErrorId.DependencyMissing"/>). Nothing was opened.</exception>
    public Lz4Codec()
    {
        // Never freed: the runtime would load it once more for the calls below, and keep it.
        if (!NativeLibrary.TryLoad(Library, out _))
        {
            throw new RsyncFsException(ErrorId.DependencyMissing, $"the library {Library} is not installed")
            {
                Hint = "apt-get install liblz4-1",
            };
        }
    }

    /// <inheritdoc/>
    public CodecId Id => CodecId.Lz4;

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<byte> data, Span<byte> stored)
    {
        if (stored.IsEmpty)
        {
            return 0;
        }

        fixed (byte* from = data)
        fixed (byte* to = stored)
        {
            return Compress(from, to, data.Length, stored.Length, Acceleration);
        }
    }

    /// <inheritdoc/>
    public void Decode(ReadOnlySpan<byte> stored, Span<byte> data)
    {
        int length;
        fixed (byte* from = stored)
        fixed (byte* to = data)
        {
            length = Decompress(from, to, stored.Length, data.Length);
        }

        if (length != data.Length)
        {
            var found = length < 0 ? "is damaged or longer" : $"decodes to {length}";
            throw new InvalidDataException(
                $"LZ4 literal of {stored.Length} bytes {found} where {data.Length} bytes belong"
            );
        }
    }

    [LibraryImport(Library, EntryPoint = "LZ4_compress_fast")]
    private static partial int Compress(
        byte* source,
        byte* destination,
        int sourceLength,
        int capacity,
        int acceleration
    );

    [LibraryImport(Library, EntryPoint = "LZ4_decompress_safe")]
    private static partial int Decompress(byte* source, byte* destination, int sourceLength, int capacity);
}
