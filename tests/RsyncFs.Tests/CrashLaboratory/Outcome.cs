using RsyncFs.Blocks;

namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>What a target may be found to be.</summary>
/// <param name="Status">Its status; <see cref="TargetStatus.Empty"/> if it has no record.</param>
/// <param name="Generation">The generation of the record; null where any will do.</param>
/// <param name="Image">The bytes of the device; null where the generation tells, or any will do.</param>
internal sealed record Outcome(TargetStatus Status, Guid? Generation = null, byte[]? Image = null);
