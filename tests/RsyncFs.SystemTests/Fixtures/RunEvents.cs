using System.Text.Json;

namespace RsyncFs.SystemTests.Fixtures;

/// <summary>Reads what a run with <c>--json</c> said.</summary>
internal static class RunEvents
{
    /// <summary>The events of a type, in order.</summary>
    public static IReadOnlyList<JsonElement> Of(ProgramResult result, string type) =>
        [
            .. result
                .Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonDocument.Parse(line).RootElement)
                .Where(happened =>
                    string.Equals(happened.GetProperty("type").GetString(), type, StringComparison.Ordinal)
                ),
        ];
}
