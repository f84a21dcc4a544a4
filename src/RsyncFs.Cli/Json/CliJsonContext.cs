using System.Text.Json.Serialization;

namespace RsyncFs.Cli.Json;

/// <summary>Everything the program prints as JSON: snake case, one line, what is not known left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(RunStartEvent))]
[JsonSerializable(typeof(PhaseEvent))]
[JsonSerializable(typeof(WarningEvent))]
[JsonSerializable(typeof(CompressionEvent))]
[JsonSerializable(typeof(ProgressEvent))]
[JsonSerializable(typeof(SummaryEvent))]
[JsonSerializable(typeof(VerifyMismatchEvent))]
[JsonSerializable(typeof(VerifySummaryEvent))]
[JsonSerializable(typeof(ServingEvent))]
[JsonSerializable(typeof(SessionEvent))]
[JsonSerializable(typeof(StateChangeEvent))]
[JsonSerializable(typeof(FindingEvent))]
[JsonSerializable(typeof(DoctorSummaryEvent))]
[JsonSerializable(typeof(ErrorEvent))]
[JsonSerializable(typeof(HookEvent))]
[JsonSerializable(typeof(WaitingEvent))]
[JsonSerializable(typeof(SessionStatusEvent))]
[JsonSerializable(typeof(ExitEvent))]
[JsonSerializable(typeof(VersionDocument))]
[JsonSerializable(typeof(ConfigDocument))]
[JsonSerializable(typeof(KeyDocument))]
[JsonSerializable(typeof(PeerListDocument))]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlAnswer))]
[JsonSerializable(typeof(ControlDocument))]
internal sealed partial class CliJsonContext : JsonSerializerContext;
