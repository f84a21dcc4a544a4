using System.Text.Json.Serialization;

namespace RsyncFs.Cli.Json;

/// <summary>What the receiver of this machine answers, and a verb of <c>rsyncfs target</c> prints with <c>--json</c>: one document. docs/json.md is the text of record.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(TargetListDocument), "target_list")]
[JsonDerivedType(typeof(TargetShowDocument), "target")]
[JsonDerivedType(typeof(TargetChangeDocument), "target_change")]
[JsonDerivedType(typeof(PeersReloadedDocument), "peers_reloaded")]
[JsonDerivedType(typeof(LoopChangeDocument), "loop_change")]
internal abstract record ControlDocument
{
    /// <summary>The version of the form. It changes only if a field changes its meaning.</summary>
    [JsonPropertyOrder(-1)]
    public int V { get; init; } = 1;
}
