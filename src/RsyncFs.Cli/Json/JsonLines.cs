using System.Text.Encodings.Web;
using System.Text.Json;
using RsyncFs.Cli.Output;

namespace RsyncFs.Cli.Json;

/// <summary>Writes events to standard output, one a line, each line whole.</summary>
/// <param name="terminal">Where to.</param>
/// <param name="job">The job that they are of; null if of none.</param>
internal sealed class JsonLines(Terminal terminal, string? job = null)
{
    // Paths and quotes stay readable; the output is never put into a web page.
    internal static readonly CliJsonContext Context = new(
        new JsonSerializerOptions(CliJsonContext.Default.Options)
        {
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        }
    );

    /// <summary>Writes one event with the time and the run's id, and flushes it.</summary>
    public void Write(JsonEvent happened)
    {
        lock (terminal.Gate)
        {
            var now = terminal.Clock.GetUtcNow().UtcDateTime;
            var stamped = happened with
            {
                Ts = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMillisecond)),
                Run = terminal.RunId,
                Job = job,
            };
            terminal.Output.Write(JsonSerializer.Serialize(stamped, stamped.GetType(), Context) + "\n");
            terminal.Output.Flush();
        }
    }

    /// <summary>A document of its own, on one line.</summary>
    public static string Print(VersionDocument document) =>
        JsonSerializer.Serialize(document, Context.VersionDocument);

    /// <summary>A document of its own, on one line.</summary>
    public static string Print(KeyDocument document) =>
        JsonSerializer.Serialize(document, Context.KeyDocument);

    /// <summary>A document of its own, on one line.</summary>
    public static string Print(PeerListDocument document) =>
        JsonSerializer.Serialize(document, Context.PeerListDocument);

    /// <summary>A document of its own, on one line.</summary>
    public static string Print(ControlDocument document) =>
        JsonSerializer.Serialize(document, Context.ControlDocument);

    /// <summary>A document of its own, on one line.</summary>
    public static string Print(ConfigDocument document) =>
        JsonSerializer.Serialize(document, Context.ConfigDocument);
}
