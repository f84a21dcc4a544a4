namespace RsyncFs.Blocks;

/// <summary>The codec of those who want none: it never finds that compressing pays.</summary>
public sealed class RawCodec : IBlockCodec
{
    /// <inheritdoc/>
    public CodecId Id => CodecId.Raw;

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<byte> data, Span<byte> stored)
    {
        if (stored.Length < data.Length)
        {
            return 0;
        }

        data.CopyTo(stored);
        return data.Length;
    }

    /// <inheritdoc/>
    public void Decode(ReadOnlySpan<byte> stored, Span<byte> data)
    {
        if (stored.Length != data.Length)
        {
            throw new InvalidDataException(
                $"raw literal of {stored.Length} bytes where {data.Length} belong"
            );
        }

        stored.CopyTo(data);
    }

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<byte> data, ReadOnlySpan<byte> dictionary, Span<byte> stored) => 0;

    /// <inheritdoc/>
    public void Decode(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> dictionary, Span<byte> data) =>
        throw new InvalidDataException("raw bytes have no dictionary");
}
