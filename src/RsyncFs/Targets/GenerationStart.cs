namespace RsyncFs.Targets;

/// <summary>What is known of a generation when it is begun.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Parent">The generation that the target must be at; zero if it is at none.</param>
/// <param name="DataTime">When the source was as it is sent.</param>
public sealed record GenerationStart(Guid Id, Guid Parent, DateTimeOffset DataTime);
