using RsyncFs.Blocks;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Targets;

namespace RsyncFs.Cli.Engine.Targets;

/// <summary>What a target was and became, or would become.</summary>
/// <param name="Place">Which target.</param>
/// <param name="DevicePath">Its device.</param>
/// <param name="Before">What it was; null if it was never initialised.</param>
/// <param name="After">What it is.</param>
/// <param name="IsDryRun">True if nothing was changed.</param>
/// <param name="IsServed">True if a receiver serves it.</param>
internal sealed record RoleVerbResult(
    TargetPlace Place,
    string DevicePath,
    TargetRecord? Before,
    TargetRecord After,
    bool IsDryRun,
    bool IsServed
)
{
    /// <summary>True if it was in that state already.</summary>
    public bool IsUnchanged => After == Before;

    private Guid PromotedAt => After.Ancestors.Count > 0 ? After.Ancestors[0] : Guid.Empty;

    /// <summary>How its sender reaches it, if nobody serves it.</summary>
    public IReadOnlyList<NextCommand> NextServe() =>
        IsServed || Place.IsLocal
            ? []
            : [new NextCommand("here", $"rsyncfs serve --target {Place.Name}={DevicePath}")];

    /// <summary>What every verb tells.</summary>
    public TargetChangeDocument Document(string verb, string status)
    {
        var held = After.Status == TargetStatus.Primary ? PromotedAt : After.Generation;
        return new TargetChangeDocument
        {
            Verb = verb,
            Target = Place.Name,
            Status = status,
            DryRun = IsDryRun,
            Changed = !IsUnchanged,
            Served = IsServed,
            Was = TargetStatusText.Word(Before?.Status ?? TargetStatus.Empty),
            Is = TargetStatusText.Word(After.Status),
            Device = DevicePath,
            Generation = held == Guid.Empty ? null : held.ToString("N"),
            DataTime = After.DataTime == DateTimeOffset.UnixEpoch ? null : After.DataTime.UtcDateTime,
            Epoch = After.Epoch,
            Size = After.LengthBytes,
            StateDirectory = Place.Path,
        };
    }
}
