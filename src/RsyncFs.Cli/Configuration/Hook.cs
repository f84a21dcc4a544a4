namespace RsyncFs.Cli.Configuration;

/// <summary>A program that is run at a point of each cycle of a job.</summary>
/// <param name="At">The point.</param>
/// <param name="Run">The program, by its absolute path, and its arguments.</param>
/// <param name="Timeout">How long it may take.</param>
/// <param name="Aborts">True if its failure is the failure of the cycle; else it is a warning.</param>
/// <param name="GivenName">What the file calls it; null if it does not. Before and after the snapshot two of one name are a pair.</param>
internal sealed record Hook(
    HookPoint At,
    IReadOnlyList<string> Run,
    TimeSpan Timeout,
    bool Aborts,
    string? GivenName
)
{
    /// <summary>How long one may take that says nothing.</summary>
    public static TimeSpan DefaultTimeout { get; } = TimeSpan.FromSeconds(30);

    /// <summary>What people read: its name, else that of its program's file.</summary>
    public string Name => GivenName ?? Path.GetFileName(Run[0]);
}
