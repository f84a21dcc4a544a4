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

        EnsureFilled(length, stored.Length, data.Length);
    }

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<byte> data, ReadOnlySpan<byte> dictionary, Span<byte> stored)
    {
        if (stored.IsEmpty)
        {
            return 0;
        }

        var stateLength = StateLength();
        var state = stackalloc ulong[(stateLength / sizeof(ulong)) + 1];
        if (InitState(state, (nuint)stateLength) == null)
        {
            throw new InvalidOperationException($"{Library} does not take a state of its own size");
        }

        fixed (byte* before = dictionary)
        fixed (byte* from = data)
        fixed (byte* to = stored)
        {
            _ = LoadDictionary(state, before, dictionary.Length);
            return CompressBehind(state, from, to, data.Length, stored.Length, Acceleration);
        }
    }

    /// <inheritdoc/>
    public void Decode(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> dictionary, Span<byte> data)
    {
        int length;
        fixed (byte* before = dictionary)
        fixed (byte* from = stored)
        fixed (byte* to = data)
        {
            length = DecompressBehind(from, to, stored.Length, data.Length, before, dictionary.Length);
        }

        EnsureFilled(length, stored.Length, data.Length);
    }

    private static void EnsureFilled(int length, int storedLength, int dataLength)
    {
        if (length != dataLength)
        {
            var found = length < 0 ? "is damaged or longer" : $"decodes to {length}";
            throw new InvalidDataException(
                $"LZ4 literal of {storedLength} bytes {found} where {dataLength} bytes belong"
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

    [LibraryImport(Library, EntryPoint = "LZ4_sizeofState")]
    private static partial int StateLength();

    [LibraryImport(Library, EntryPoint = "LZ4_initStream")]
    private static partial void* InitState(ulong* state, nuint length);

    [LibraryImport(Library, EntryPoint = "LZ4_loadDict")]
    private static partial int LoadDictionary(ulong* state, byte* dictionary, int dictionaryLength);

    [LibraryImport(Library, EntryPoint = "LZ4_compress_fast_continue")]
    private static partial int CompressBehind(
        ulong* state,
        byte* source,
        byte* destination,
        int sourceLength,
        int capacity,
        int acceleration
    );

    [LibraryImport(Library, EntryPoint = "LZ4_decompress_safe_usingDict")]
    private static partial int DecompressBehind(
        byte* source,
        byte* destination,
        int sourceLength,
        int capacity,
        byte* dictionary,
        int dictionaryLength
    );
}
