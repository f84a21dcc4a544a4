using RsyncFs.Cli.Arguments;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine;

/// <summary>What this end allows for a target.</summary>
/// <param name="Init">Whether it may take a first copy.</param>
/// <param name="Journal">How large its journal may become, and what becomes of a larger delta.</param>
internal sealed record TargetPermissions(InitPolicy Init, JournalPolicy Journal)
{
    /// <summary>What is allowed where nothing is copied.</summary>
    public static TargetPermissions None { get; } = new(InitPolicy.Refused, JournalPolicy.Default);
}
