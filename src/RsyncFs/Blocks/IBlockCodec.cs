namespace RsyncFs.Blocks;

/// <summary>A compressor of literal bytes. Safe to call from several threads at once.</summary>
public interface IBlockCodec
{
    /// <summary>The codec's number on the wire.</summary>
    CodecId Id { get; }

    /// <summary>
    /// Compresses <paramref name="data"/> into <paramref name="stored"/>, and gives the bytes used, or 0 if the
    /// result would not fit: whoever wants only what pays passes a buffer shorter than the data.
    /// </summary>
    int Encode(ReadOnlySpan<byte> data, Span<byte> stored);

    /// <summary>Decompresses <paramref name="stored"/>, which must fill <paramref name="data"/> exactly.</summary>
    /// <exception cref="InvalidDataException">The bytes are damaged, or decode to another length. Nothing outside <paramref name="data"/> was touched.</exception>
    void Decode(ReadOnlySpan<byte> stored, Span<byte> data);

    /// <summary>
    /// As <see cref="Encode(ReadOnlySpan{byte}, Span{byte})"/>, and what <paramref name="dictionary"/> holds need not be
    /// said again. The two must not lie in the same memory. 0 as well if the codec has no dictionaries.
    /// </summary>
    int Encode(ReadOnlySpan<byte> data, ReadOnlySpan<byte> dictionary, Span<byte> stored);

    /// <summary>
    /// Decompresses what was made with a dictionary of the same length. Whether it fills <paramref name="data"/> does not
    /// depend on the dictionary's bytes: with others it gives other data, and no error.
    /// </summary>
    /// <exception cref="InvalidDataException">The bytes are damaged, or decode to another length, or the codec has no dictionaries. Nothing outside <paramref name="data"/> was touched.</exception>
    void Decode(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> dictionary, Span<byte> data);
}
