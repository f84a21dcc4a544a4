namespace RsyncFs;

/// <summary>How long one part of a cycle took.</summary>
/// <param name="Name">One of <c>connect</c>, <c>scan</c>, <c>compare</c>, <c>transfer</c>, <c>commit</c>.</param>
/// <param name="Duration">Wall time.</param>
public readonly record struct PhaseTime(string Name, TimeSpan Duration);
