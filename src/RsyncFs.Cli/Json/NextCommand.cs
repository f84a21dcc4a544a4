namespace RsyncFs.Cli.Json;

/// <summary>A command that goes on where a verb ended.</summary>
/// <param name="On">Where to run it: <c>here</c>, or <c>old primary</c>.</param>
/// <param name="Command">The command.</param>
/// <param name="When">What it has to wait for; missing if for nothing.</param>
internal sealed record NextCommand(string On, string Command, string? When = null)
{
    /// <summary>The word for this machine.</summary>
    public const string Here = "here";
}
