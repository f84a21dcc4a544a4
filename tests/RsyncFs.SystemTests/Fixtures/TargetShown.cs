using System.Text.Json;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>What <c>rsyncfs target show --json</c> says of a target.</summary>
/// <param name="Status">The word for what it is.</param>
/// <param name="IsInconsistent">True if it may be a mix.</param>
/// <param name="Generation">The generation, 32 hexadecimal digits; null if it never was one.</param>
/// <param name="ArrivedRecordCount">How much of an interrupted transfer is there; 0 if there is none.</param>
internal sealed record TargetShown(
    string Status,
    bool IsInconsistent,
    string? Generation,
    long ArrivedRecordCount
)
{
    /// <summary>Reads the document.</summary>
    public static TargetShown Parse(ProgramResult result)
    {
        using var document = JsonDocument.Parse(result.Output);
        var root = document.RootElement;
        var target = root.GetProperty("target");
        return new TargetShown(
            target.GetProperty("status").GetString()!,
            target.GetProperty("inconsistent").GetBoolean(),
            target.TryGetProperty("generation", out var generation) ? generation.GetString() : null,
            root.TryGetProperty("interrupted", out var arrived)
                ? arrived.GetProperty("records").GetInt64()
                : 0
        );
    }
}
