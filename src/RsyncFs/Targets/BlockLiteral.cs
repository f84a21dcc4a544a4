using System.Diagnostics;
using RsyncFs.Blocks;
using RsyncFs.Errors;

namespace RsyncFs.Targets;

/// <summary>Brings a change's own bytes, written, patched and zeroed, to their places in a block.</summary>
internal static class BlockLiteral
{
    /// <summary>Fills the pages that <paramref name="change"/> writes or zeroes; the others stay as they are.</summary>
    /// <param name="layout">The blocks.</param>
    /// <param name="codecs">Decode what is stored.</param>
    /// <param name="change">The change.</param>
    /// <param name="old">For a patch the whole block as it is in generation N, in other memory; else not looked at.</param>
    /// <param name="content">The block.</param>
    /// <exception cref="ProtocolException">The stored bytes do not decode.</exception>
    public static void Fill(
        BlockLayout layout,
        BlockCodecs codecs,
        BlockChange change,
        ReadOnlySpan<byte> old,
        Span<byte> content
    )
    {
        if (change.WrittenPages is { } written)
        {
            Write(layout, codecs, change, written, old, content);
        }

        for (var page = 0; change.ZeroedPages is { } zeroed && page < zeroed.PageCount; page++)
        {
            if (zeroed.Contains(page))
            {
                PagesOf(content, page, 1).Clear();
            }
        }
    }

    /// <summary>The bytes of some neighbouring pages of a block; its last page may be short.</summary>
    public static Span<byte> PagesOf(Span<byte> content, int firstPage, int pageCount)
    {
        var from = firstPage * BlockLayout.PageSizeBytes;
        return content[from..Math.Min(content.Length, from + (pageCount * BlockLayout.PageSizeBytes))];
    }

    private static void Write(
        BlockLayout layout,
        BlockCodecs codecs,
        BlockChange change,
        PageBitmap written,
        ReadOnlySpan<byte> old,
        Span<byte> content
    )
    {
        Debug.Assert(!change.IsPatch || old.Length == content.Length, "a patch needs the old block");
        if (change.IsPatch || written.Count == written.PageCount)
        {
            Decode(codecs, change, old, content);
            return;
        }

        var buffer = new byte[change.LiteralLength(layout)];
        Decode(codecs, change, old, buffer);
        var literal = buffer.AsSpan();
        for (var page = 0; page < written.PageCount; page++)
        {
            if (written.Contains(page))
            {
                var to = PagesOf(content, page, 1);
                literal[..to.Length].CopyTo(to);
                literal = literal[to.Length..];
            }
        }
    }

    private static void Decode(
        BlockCodecs codecs,
        BlockChange change,
        ReadOnlySpan<byte> old,
        Span<byte> literal
    )
    {
        if (change.Codec == CodecId.Raw)
        {
            change.Stored.Span.CopyTo(literal);
            return;
        }

        var codec =
            codecs.Find(change.Codec)
            ?? throw new ProtocolException(
                $"block {change.FirstBlock} is stored by codec {(byte)change.Codec}, unknown here"
            );

        try
        {
            if (change.IsPatch)
            {
                BlockPatch.Decode(codec, change.WrittenPages!, old, change.Stored.Span, literal);
            }
            else
            {
                codec.Decode(change.Stored.Span, literal);
            }
        }
        catch (InvalidDataException error)
        {
            throw new ProtocolException(
                $"block {change.FirstBlock} does not decompress: {error.Message}",
                error
            );
        }
    }
}
