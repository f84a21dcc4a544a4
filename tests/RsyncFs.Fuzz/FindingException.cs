namespace RsyncFs.Fuzz;

/// <summary>A reader broke its promise with an input.</summary>
internal sealed class FindingException(string message) : Exception(message);
