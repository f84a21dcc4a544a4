using System.Globalization;
using System.Text.Json;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>What a run of <c>sync --json</c> said it did.</summary>
internal sealed record RunSummary(JsonElement Json)
{
    /// <summary>True if it said that nothing changed.</summary>
    public bool IsUnchanged => Text("result") is "nochange";

    /// <summary>How changes were found.</summary>
    public string Plan => Text("plan");

    /// <summary>Bytes read from the source.</summary>
    public long SourceRead => Number("scanned");

    /// <summary>Bytes read from the target.</summary>
    public long TargetRead => Number("target_read");

    /// <summary>Bytes written to the target.</summary>
    public long TargetWritten => Number("target_written");

    /// <summary>Bytes that changed.</summary>
    public long Changed => Number("changed");

    /// <summary>Bytes that travelled before compression.</summary>
    public long Literal => Number("literal");

    /// <summary>Bytes that travelled.</summary>
    public long Stored => Number("stored");

    /// <summary>Bytes taken from elsewhere on the target.</summary>
    public long Copied => Number("copied");

    /// <summary>Bytes that became zeros.</summary>
    public long Zeroed => Number("zeroed");

    /// <summary>Bytes sent and received, by the program's own count.</summary>
    public long Wire => Number("sent") + Number("received");

    /// <summary>True if it went on where an interrupted run had ended.</summary>
    public bool IsResumed => Json.TryGetProperty("resumed", out var resumed) && resumed.GetBoolean();

    /// <summary>A field that is text.</summary>
    public string Text(string name) => Json.GetProperty(name).GetString()!;

    /// <summary>A field that is true or false.</summary>
    public bool Flag(string name) => Json.GetProperty(name).GetBoolean();

    /// <summary>A field that is a number.</summary>
    public long Number(string name) => Json.GetProperty(name).GetInt64();

    /// <summary>One line for the output of a test.</summary>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Text("result"), -8} plan {Plan, -7} source read {SourceRead, 13:N0}  target read {TargetRead, 13:N0}  written {TargetWritten, 13:N0}  literal {Literal, 13:N0}  stored {Stored, 13:N0}  copied {Copied, 12:N0}  zeroed {Zeroed, 12:N0}  wire {Wire, 13:N0}  {Json.GetProperty("duration_seconds").GetDouble(), 6:0.00} s"
        );
}
