using RsyncFs.Blocks;

namespace RsyncFs.Delta;

/// <summary>Compresses the literal bytes of a cycle by what was asked for, as far as both ends have it. Safe to call from several threads at once.</summary>
internal sealed class LiteralCompressor
{
    private readonly IBlockCodec? _codec;
    private readonly AutoCompression? _auto;
    private readonly CompressionChoice? _fixed;

    /// <summary>Compresses by one codec.</summary>
    /// <param name="codec">The codec; null for none.</param>
    /// <param name="choice">What is told of it.</param>
    /// <param name="patches">Codes patches; null if none are sent.</param>
    public LiteralCompressor(IBlockCodec? codec, CompressionChoice choice, IBlockCodec? patches) =>
        (_codec, _fixed, Patches) = (codec, choice, patches);

    /// <summary>Compresses by what measuring finds to be best.</summary>
    /// <param name="auto">Measures.</param>
    /// <param name="patches">Codes patches.</param>
    public LiteralCompressor(AutoCompression auto, IBlockCodec patches) => (_auto, Patches) = (auto, patches);

    /// <summary>Codes patches: LZ4, whatever the rest is compressed by, for a patch is short, and zstd's frame is not. Null if none are sent.</summary>
    public IBlockCodec? Patches { get; }

    /// <summary>True if everything goes as it is.</summary>
    public bool IsNone => _auto is null && _codec is null;

    /// <summary>What is used now, and why.</summary>
    public CompressionChoice Choice => _auto?.Choice ?? _fixed!;

    /// <summary>What to compress by, for a person who asked for <paramref name="asked"/>.</summary>
    /// <param name="asked">What a person asked for.</param>
    /// <param name="codecs">What this end has.</param>
    /// <param name="receiver">What the other end decodes.</param>
    /// <param name="line">Tells how fast the line is.</param>
    /// <param name="threadCount">Threads that encode.</param>
    /// <param name="clock">Measures.</param>
    public static LiteralCompressor Create(
        Compression asked,
        BlockCodecs codecs,
        CodecSet receiver,
        Func<LineRate> line,
        int threadCount,
        TimeProvider clock
    )
    {
        if (asked.Kind == CompressionKind.None)
        {
            return new LiteralCompressor(null, new CompressionChoice(asked, "as asked"), patches: null);
        }

        var missing =
            !codecs.Set.HasFlag(CodecSet.Zstd)
                ? "this end has no zstd (libzstd.so.1; apt-get install libzstd1)"
            : !receiver.HasFlag(CodecSet.Zstd)
                ? "the receiver has no zstd (libzstd1 is not installed there, or its rsyncfs is older)"
            : null;
        if (asked.Kind == CompressionKind.Auto && missing is null)
        {
            return new LiteralCompressor(new AutoCompression(codecs, line, threadCount, clock), codecs.Lz4);
        }

        var isThere = asked.Kind == CompressionKind.Lz4 || missing is null;
        var used = isThere ? asked : Compression.Lz4;
        var choice = new CompressionChoice(used, isThere ? "as asked" : missing!)
        {
            IsSubstitute = !isThere && asked.Kind == CompressionKind.Zstd,
        };
        return new LiteralCompressor(codecs.For(used), choice, codecs.Lz4);
    }

    /// <summary>Compresses <paramref name="literal"/> into <paramref name="room"/>, and gives the bytes used, or 0 if they do not suffice.</summary>
    /// <param name="literal">The bytes.</param>
    /// <param name="room">As much as is worth it.</param>
    /// <param name="codec">How it was done; not to be looked at if the result is 0.</param>
    public int Encode(ReadOnlySpan<byte> literal, Span<byte> room, out CodecId codec)
    {
        if (_auto is not null)
        {
            return _auto.Encode(literal, room, out codec);
        }

        codec = _codec?.Id ?? CodecId.Raw;
        return _codec?.Encode(literal, room) ?? 0;
    }
}
