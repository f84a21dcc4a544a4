namespace RsyncFs;

/// <summary>How long one part of a cycle took.</summary>
/// <param name="Name">One of <c>connect</c>, <c>scan</c> (comparing included), <c>transfer</c>, <c>commit</c>, <c>close</c>.</param>
/// <param name="Duration">Wall time.</param>
public readonly record struct PhaseTime(string Name, TimeSpan Duration);
