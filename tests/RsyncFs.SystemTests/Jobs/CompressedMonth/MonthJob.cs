namespace RsyncFs.SystemTests.Jobs.CompressedMonth;

/// <summary>One of the jobs.</summary>
/// <param name="Name">Its name, and that of its targets.</param>
/// <param name="Source">The image that it reads.</param>
/// <param name="Receivers">The names of the receivers to which it goes.</param>
internal sealed record MonthJob(string Name, string Source, IReadOnlyList<string> Receivers);
