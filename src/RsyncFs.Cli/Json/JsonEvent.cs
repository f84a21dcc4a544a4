using System.Text.Json.Serialization;

namespace RsyncFs.Cli.Json;

/// <summary>One line of <c>--json</c>. docs/json.md is the text of record; readers ignore what they do not know.</summary>
/// <param name="Type">Which event.</param>
internal abstract record JsonEvent([property: JsonPropertyOrder(-3)] string Type)
{
    /// <summary>The version of the form. It changes only if a field changes its meaning.</summary>
    [JsonPropertyOrder(-4)]
    public int V => 1;

    /// <summary>When it was written, UTC. Set by whoever writes it.</summary>
    [JsonPropertyOrder(-2)]
    public DateTime Ts { get; init; }

    /// <summary>Which run. Set by whoever writes it.</summary>
    [JsonPropertyOrder(-1)]
    public string Run { get; init; } = "";

    /// <summary>Which job of a configuration; missing if none. Set by whoever writes it.</summary>
    [JsonPropertyOrder(-1)]
    public string? Job { get; init; }
}
