using RsyncFs.Cli.Commands;
using RsyncFs.Cli.Configuration;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>The variables by which a hook knows what it is run for. docs/OPERATIONS.md has the table.</summary>
internal static class CycleVariables
{
    /// <summary>The point: <c>pre_snapshot</c>.</summary>
    public const string Event = "RSYNCFS_EVENT";

    /// <summary>What happened, in words: for whoever is told of it.</summary>
    public const string Message = "RSYNCFS_MESSAGE";

    /// <summary>How it ended: <c>ok</c>, <c>nochange</c>, <c>failed</c>.</summary>
    public const string Result = "RSYNCFS_RESULT";

    /// <summary>The generation, 32 hexadecimal digits.</summary>
    public const string Generation = "RSYNCFS_GENERATION";

    private const string Yes = "1";
    private const string No = "0";

    /// <summary>What is known from the begin; of several destinations, for the hooks about their one snapshot, all with a space in between.</summary>
    public static IReadOnlyDictionary<string, string> Of(
        Job job,
        IReadOnlyCollection<JobDestination> to,
        string runId,
        bool isDryRun
    ) =>
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["RSYNCFS_JOB"] = job.Name,
            ["RSYNCFS_DEVICE"] = job.Device,
            ["RSYNCFS_DEST"] = string.Join(' ', to.Select(one => one.Name)),
            ["RSYNCFS_TARGET"] = string.Join(' ', to.Select(one => EndPoints.TargetNameOf(one.Where))),
            ["RSYNCFS_RUN_ID"] = runId,
            ["RSYNCFS_DRY_RUN"] = isDryRun ? Yes : No,
        };

    /// <summary>What is known when the cycle has done its work.</summary>
    public static IReadOnlyDictionary<string, string> Of(CycleReport report) =>
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Result] = report.IsUnchanged ? "nochange" : "ok",
            [Generation] = report.Generation.ToString("N"),
        };

    /// <summary>What is known when it has not.</summary>
    public static IReadOnlyDictionary<string, string> Of(RsyncFsException error) =>
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [Result] = "failed",
            ["RSYNCFS_ERROR_ID"] = ErrorCatalogue.Kebab(error.Id),
        };
}
