namespace RsyncFs.SystemTests.Fixtures;

/// <summary>How a run of rsyncfs ended.</summary>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Output">All of standard output.</param>
/// <param name="Error">All of standard error.</param>
internal sealed record ProgramResult(int ExitCode, string Output, string Error)
{
    /// <summary>Everything, for the message of a failed assertion.</summary>
    public override string ToString() => $"exit code {ExitCode}\n--- output\n{Output}\n--- error\n{Error}";
}
