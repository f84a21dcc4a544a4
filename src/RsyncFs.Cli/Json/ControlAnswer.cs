using System.Text.Json.Serialization;

namespace RsyncFs.Cli.Json;

/// <summary>One line on the control socket: what became of a <see cref="ControlRequest"/>. Either a document or an error.</summary>
internal sealed record ControlAnswer
{
    /// <summary>The version of the form.</summary>
    [JsonPropertyOrder(-1)]
    public int V { get; init; } = ControlRequest.Version;

    /// <summary>What was asked for.</summary>
    public ControlDocument? Document { get; init; }

    /// <summary>Why it was not done.</summary>
    public ControlError? Error { get; init; }
}
