namespace RsyncFs.Cli.Configuration;

/// <summary>One device and where it is replicated to.</summary>
/// <param name="Name">What people call it; fit for a target's name.</param>
/// <param name="Device">The device or image, an absolute path; of a group its members, with commas.</param>
/// <param name="To">Where it goes, at least one place, no two of the same name.</param>
/// <param name="Options">How.</param>
internal sealed record Job(string Name, string Device, IReadOnlyList<JobDestination> To, JobOptions Options);
