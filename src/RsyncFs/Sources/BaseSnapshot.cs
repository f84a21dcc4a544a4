using RsyncFs.Devices;

namespace RsyncFs.Sources;

/// <summary>The snapshot that is kept between cycles: what has changed since is asked of the storage (C6).</summary>
/// <param name="Generation">The generation that it became.</param>
/// <param name="Evidence">How it is found again.</param>
public sealed record BaseSnapshot(Guid Generation, ChangeEvidence Evidence);
