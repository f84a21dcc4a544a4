using RsyncFs.Errors;

namespace RsyncFs.Cli.Engine.Doctor;

/// <summary>One thing that was found.</summary>
/// <param name="Level">How much it matters.</param>
/// <param name="Id">Its class, stable, in kebab case: <c>orphan-snapshot</c>.</param>
/// <param name="Where">The volume, pool, target or directory.</param>
/// <param name="Message">What is the matter with it.</param>
internal sealed record Finding(FindingLevel Level, string Id, string Where, string Message)
{
    /// <summary>What is the matter where a check did not come to its end.</summary>
    public const string UncheckedId = "unchecked";

    /// <summary>What to type, or to do; null if nothing.</summary>
    public string? Hint { get; init; }

    /// <summary>True if it was mended in this run.</summary>
    public bool IsFixed { get; init; }

    /// <summary>True if <c>--fix</c> mends it.</summary>
    public bool IsFixable { get; init; }

    /// <summary>True if somebody has to do something still.</summary>
    public bool IsOpen => !IsFixed && Level != FindingLevel.Note;

    /// <summary>A check that failed: whatever there is was not found.</summary>
    public static Finding OfFailure(string where, Exception failure)
    {
        var known = failure as RsyncFsException;
        var cause = known?.Cause is { } said ? $": {said}" : "";
        return new Finding(
            FindingLevel.Error,
            UncheckedId,
            known?.Where ?? where,
            $"could not be checked: {failure.Message}{cause}"
        )
        {
            Hint = known?.Hint,
        };
    }

    /// <summary>What became of it when it was to be mended.</summary>
    /// <param name="obstacle">What was in the way; null if it is mended.</param>
    public Finding After(string? obstacle) =>
        obstacle is null
            ? this with
            {
                IsFixed = true,
                Hint = null,
            }
            : this with
            {
                Message = $"{Message}; could not be mended: {obstacle}",
            };
}
