using System.Text.Json.Serialization;

namespace RsyncFs.Cli.Json;

/// <summary>One line on the control socket: what is asked of the receiver. Whoever carries it out checks all of it anew.</summary>
internal sealed record ControlRequest
{
    /// <summary>The version that this program speaks.</summary>
    public const int Version = 1;

    /// <summary>The version of the form.</summary>
    [JsonPropertyOrder(-1)]
    public int V { get; init; } = Version;

    /// <summary>What to do.</summary>
    public required ControlVerb Verb { get; init; }

    /// <summary>The target: a name, or the absolute path of a local destination. Missing for <see cref="ControlVerb.List"/> and <see cref="ControlVerb.ReloadPeers"/>.</summary>
    public string? Target { get; init; }

    /// <summary><see cref="ControlVerb.Adopt"/>: the device of a target that is new here; absolute.</summary>
    public string? Device { get; init; }

    /// <summary><see cref="ControlVerb.Reverse"/>: from where it will be sent, absolute; missing if from the device itself.</summary>
    public string? Source { get; init; }

    /// <summary><see cref="ControlVerb.Rename"/>: the new name.</summary>
    public string? NewName { get; init; }

    /// <summary><see cref="ControlVerb.Session"/>: the name by which ssh let the sender in.</summary>
    public string? Peer { get; init; }

    /// <summary>What each verb's help says of <c>--force</c>.</summary>
    public bool Force { get; init; }

    /// <summary>True if nothing is to be changed.</summary>
    public bool DryRun { get; init; }

    /// <summary><see cref="ControlVerb.Adopt"/>: take the next sender whatever its volume.</summary>
    public bool NewSender { get; init; }

    /// <summary><see cref="ControlVerb.Adopt"/>: accept a known signature.</summary>
    public bool Overwrite { get; init; }

    /// <summary><see cref="ControlVerb.ReloadPeers"/>: the list that was changed, absolute.</summary>
    public string? Peers { get; init; }

    /// <summary>The jobs that a loop is asked about; <see cref="ControlVerb.Limit"/>: one name, of a job, a receiver or a way.</summary>
    public IReadOnlyList<string>? Jobs { get; init; }

    /// <summary><see cref="ControlVerb.Pause"/>: for how many seconds; missing until it is ended.</summary>
    public double? Seconds { get; init; }

    /// <summary><see cref="ControlVerb.Trigger"/>: answer when the cycles have ended.</summary>
    public bool Wait { get; init; }

    /// <summary><see cref="ControlVerb.Limit"/>: the rate, <c>off</c> or <c>auto</c>.</summary>
    public string? Rate { get; init; }

    /// <summary>The state directory that is meant, if one was named: a receiver that has another refuses.</summary>
    public string? StateDirectory { get; init; }
}
