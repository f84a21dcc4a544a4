using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RsyncFs.Cli.Output.Logs;

/// <summary>Lines of the log as programs read them, each without the line feed at its end and with none in it.</summary>
internal static class LogPrinter
{
    // What a reader of logfmt takes for one word.
    private static readonly SearchValues<char> Quoted = SearchValues.Create(" =\"\\");

    // Paths stay readable; it is never put into a web page.
    private static readonly JsonWriterOptions Readable = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>As <c>key=value</c>; a value that has spaces, quotes or what can not be seen is in quotes, with <c>\</c> before what would end it.</summary>
    public static string Logfmt(IEnumerable<LogField> fields) =>
        string.Join(' ', fields.Select(field => $"{field.Key}={Value(field.Text)}"));

    /// <summary>As a JSON object; a key that is there twice counts the first time.</summary>
    public static string Json(IEnumerable<LogField> fields)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text, Readable))
        {
            writer.WriteStartObject();
            foreach (var field in fields.DistinctBy(field => field.Key, StringComparer.Ordinal))
            {
                if (field.Number is { } number)
                {
                    writer.WriteNumber(field.Key, number);
                }
                else
                {
                    writer.WriteString(field.Key, field.Text);
                }
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static string Value(string text)
    {
        if (text.Length > 0 && !text.AsSpan().ContainsAny(Quoted) && !text.Any(char.IsControl))
        {
            return text;
        }

        var quoted = new StringBuilder("\"");
        foreach (var letter in text)
        {
            _ = letter switch
            {
                '"' or '\\' => quoted.Append('\\').Append(letter),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                _ when char.IsControl(letter) => quoted.Append(
                    CultureInfo.InvariantCulture,
                    $"\\u{(int)letter:x4}"
                ),
                _ => quoted.Append(letter),
            };
        }

        return quoted.Append('"').ToString();
    }
}
