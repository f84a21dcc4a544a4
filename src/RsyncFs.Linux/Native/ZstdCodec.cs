using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using RsyncFs.Blocks;

namespace RsyncFs.Linux.Native;

/// <summary>
/// zstd frames (RFC 8878, https://www.rfc-editor.org/rfc/rfc8878) by the native library, where it is installed. What is
/// decoded goes in one call to memory of the length that is expected: whatever a frame says of its window, the library
/// takes no memory for it (zstd.h, "Decompression context": the window is only for streaming).
/// </summary>
public sealed unsafe partial class ZstdCodec : IBlockCodec
{
    /// <summary>The library.</summary>
    public const string Library = "libzstd.so.1";

    // The functions below are stable since 1.4.0; before 1.3.8 compressing into a buffer that is too short could write
    // beyond it (CVE-2019-11922), and ours are made too short on purpose.
    private const uint LeastVersion = 10400;

    // zstd.h, ZSTD_cParameter.
    private const int CompressionLevel = 100;
    private const int ContentSizeFlag = 200;
    private const int ChecksumFlag = 201;
    private const int DictionaryIdFlag = 202;

    // zstd_errors.h: the numbers of errors do not change.
    private const int DestinationTooSmall = 70;

    // RFC 8878, 3.1.1: the magic number, and of the descriptor behind it the bits of dictionary, checksum, and what is reserved or unused.
    private const uint Magic = 0xFD2FB528;
    private const int DescriptorAt = 4;
    private const byte UnusedFeatures = 0b0001_1111;

    private readonly int _level;
    private readonly ConcurrentBag<EncodingContext> _encoding = [];
    private readonly ConcurrentBag<DecodingContext> _decoding = [];

    private ZstdCodec(int level) => _level = level;

    /// <inheritdoc/>
    public CodecId Id => CodecId.Zstd;

    /// <summary>Makes a codec at a level from 1 to 19; null where the library is not installed, or older than 1.4.0.</summary>
    public static Func<int, IBlockCodec>? Find()
    {
        // Never freed: the runtime would load it once more for the calls below, and keep it.
        return NativeLibrary.TryLoad(Library, out _) && Version() >= LeastVersion ? Create : null;

        static IBlockCodec Create(int level)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(level, Compression.MinLevel);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(level, Compression.MaxLevel);
            return new ZstdCodec(level);
        }
    }

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<byte> data, Span<byte> stored)
    {
        if (stored.IsEmpty)
        {
            return 0;
        }

        var context = _encoding.TryTake(out var used) ? used : new EncodingContext(_level);
        nuint result;
        fixed (byte* from = data)
        fixed (byte* to = stored)
        {
            result = Compress(context, to, (nuint)stored.Length, from, (nuint)data.Length);
        }

        _encoding.Add(context);
        if (!IsError(result))
        {
            return (int)result;
        }

        return ErrorOf(result) == DestinationTooSmall
            ? 0
            : throw new InvalidOperationException($"{Library} does not compress: error {ErrorOf(result)}");
    }

    /// <inheritdoc/>
    public void Decode(ReadOnlySpan<byte> stored, Span<byte> data)
    {
        RequireForm(stored);
        var context = _decoding.TryTake(out var used) ? used : new DecodingContext();
        nuint result;
        fixed (byte* from = stored)
        fixed (byte* to = data)
        {
            RequireOneFrame(from, stored.Length, data.Length);
            result = Decompress(context, to, (nuint)data.Length, from, (nuint)stored.Length);
        }

        _decoding.Add(context);
        if (IsError(result) || result != (nuint)data.Length)
        {
            throw Wrong(stored.Length, data.Length, "is damaged");
        }
    }

    /// <summary>No dictionaries: always 0.</summary>
    public int Encode(ReadOnlySpan<byte> data, ReadOnlySpan<byte> dictionary, Span<byte> stored) => 0;

    /// <summary>No dictionaries: always refused.</summary>
    public void Decode(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> dictionary, Span<byte> data) =>
        throw new InvalidDataException("zstd bytes have no dictionary");

    /// <summary>Neither a frame that can be skipped, nor one that wants a dictionary, nor one whose checksum would be read beside our own.</summary>
    private static void RequireForm(ReadOnlySpan<byte> stored)
    {
        if (
            stored.Length <= DescriptorAt
            || MemoryMarshal.Read<uint>(stored) != Magic
            || (stored[DescriptorAt] & UnusedFeatures) != 0
        )
        {
            throw new InvalidDataException(
                $"{stored.Length} bytes are no zstd frame of the kind that is sent"
            );
        }
    }

    private static void RequireOneFrame(byte* stored, int storedLength, int dataLength)
    {
        if (FrameContentSize(stored, (nuint)storedLength) != (ulong)dataLength)
        {
            throw Wrong(storedLength, dataLength, "says that it has another length, or none");
        }

        if (FrameLength(stored, (nuint)storedLength) != (nuint)storedLength)
        {
            throw Wrong(storedLength, dataLength, "is cut, or something follows it");
        }
    }

    private static InvalidDataException Wrong(int storedLength, int dataLength, string found) =>
        new($"zstd literal of {storedLength} bytes {found} where {dataLength} bytes belong");

    // An error is a number from -1 down (zstd.h, ZSTD_isError).
    private static int ErrorOf(nuint result) => -(int)(nint)result;

    private static bool IsError(nuint result) => IsErrorCode(result) != 0;

    [LibraryImport(Library, EntryPoint = "ZSTD_versionNumber")]
    private static partial uint Version();

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    private static partial uint IsErrorCode(nuint result);

    [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
    private static partial nint CreateEncoding();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeCCtx")]
    private static partial nuint FreeEncoding(nint context);

    [LibraryImport(Library, EntryPoint = "ZSTD_CCtx_setParameter")]
    private static partial nuint SetParameter(EncodingContext context, int parameter, int value);

    [LibraryImport(Library, EntryPoint = "ZSTD_compress2")]
    private static partial nuint Compress(
        EncodingContext context,
        byte* destination,
        nuint capacity,
        byte* source,
        nuint sourceLength
    );

    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    private static partial nint CreateDecoding();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDCtx")]
    private static partial nuint FreeDecoding(nint context);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressDCtx")]
    private static partial nuint Decompress(
        DecodingContext context,
        byte* destination,
        nuint capacity,
        byte* source,
        nuint sourceLength
    );

    [LibraryImport(Library, EntryPoint = "ZSTD_getFrameContentSize")]
    private static partial ulong FrameContentSize(byte* source, nuint sourceLength);

    [LibraryImport(Library, EntryPoint = "ZSTD_findFrameCompressedSize")]
    private static partial nuint FrameLength(byte* source, nuint sourceLength);

    /// <summary>The library's memory for encoding; for one call at a time.</summary>
    private sealed class EncodingContext : SafeHandle
    {
        public EncodingContext(int level)
            : base(CreateEncoding(), ownsHandle: true)
        {
            Require(!IsInvalid, "has no memory");
            Set(CompressionLevel, level);
            Set(ContentSizeFlag, 1);
            Set(ChecksumFlag, 0);
            Set(DictionaryIdFlag, 0);
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => FreeEncoding(handle) == 0;

        private void Set(int parameter, int value) =>
            Require(!IsError(SetParameter(this, parameter, value)), $"refuses {parameter}={value}");
    }

    /// <summary>The library's memory for decoding, of one size whatever is decoded; for one call at a time.</summary>
    private sealed class DecodingContext : SafeHandle
    {
        public DecodingContext()
            : base(CreateDecoding(), ownsHandle: true) => Require(!IsInvalid, "has no memory");

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => FreeDecoding(handle) == 0;
    }

    private static void Require(bool isGood, string problem)
    {
        if (!isGood)
        {
            throw new InvalidOperationException($"{Library} {problem}");
        }
    }
}
