namespace RsyncFs.Tests.Laboratory;

/// <summary>What a sector of 512 bytes holds, or held. The bytes are never changed: a write brings new ones.</summary>
/// <param name="Bytes">The bytes of the write that brought it, all of its sectors; null for zeros.</param>
/// <param name="OffsetBytes">Where the sector begins in them.</param>
internal readonly record struct Sector(byte[]? Bytes, int OffsetBytes)
{
    /// <summary>Bytes of a sector: what a disk writes whole or not at all.</summary>
    public const int LengthBytes = 512;

    private static readonly byte[] Zeros = new byte[LengthBytes];

    /// <summary>The content.</summary>
    public ReadOnlySpan<byte> Content => (Bytes ?? Zeros).AsSpan(OffsetBytes, LengthBytes);

    /// <summary>The same content, with zeros from <paramref name="keptBytes"/> on.</summary>
    public Sector CutTo(int keptBytes)
    {
        if (Bytes is null || keptBytes <= 0)
        {
            return default;
        }

        var cut = new byte[LengthBytes];
        Content[..keptBytes].CopyTo(cut);
        return new Sector(cut, 0);
    }
}
