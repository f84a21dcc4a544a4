using System.Globalization;
using System.Text;

namespace RsyncFs.Protocol;

/// <summary>What a peer says is shown to people and written to logs: it must not steer a terminal, nor fake a line.</summary>
public static class PeerText
{
    /// <summary>True if nothing in <paramref name="text"/> is a control, a line break, or changes the direction of writing.</summary>
    public static bool IsPlain(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsPlain(rune))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary><paramref name="text"/> with each letter that is not plain replaced by a space, cut to <paramref name="maxBytes"/> of UTF-8.</summary>
    public static string Clean(string? text, int maxBytes)
    {
        var clean = new StringBuilder();
        var length = 0;
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            length += rune.Utf8SequenceLength;
            if (length > maxBytes)
            {
                break;
            }

            clean.Append(IsPlain(rune) ? rune.ToString() : " ");
        }

        return clean.ToString();
    }

    // Cc: controls. Cf: bidirectional overrides, zero-width letters, tags. Zl and Zp: line breaks of Unicode.
    private static bool IsPlain(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
            );
}
