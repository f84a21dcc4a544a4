namespace RsyncFs.Tests.Targets.LineageModel;

/// <summary>An invariant does not hold.</summary>
internal sealed class ModelViolationException(string message) : Exception(message);
