namespace RsyncFs.Cli.Json;

/// <summary>What all findings of <c>doctor</c> come to.</summary>
internal sealed record DoctorSummaryEvent() : JsonEvent("doctor_summary")
{
    /// <summary><c>ok</c>, or <c>findings</c> if somebody has to do something.</summary>
    public required string Result { get; init; }

    /// <summary>Findings that somebody has to do something about.</summary>
    public required int Open { get; init; }

    /// <summary>Findings that were mended.</summary>
    public required int Fixed { get; init; }

    /// <summary>Findings that are worth knowing only.</summary>
    public required int Notes { get; init; }
}
