using RsyncFs.Cli.Commands.Jobs;
using RsyncFs.Cli.Configuration;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>Tells whether a job is the same after the configuration was read again.</summary>
internal static class JobIdentity
{
    /// <summary>All that matters to it, as a text: two jobs are the same if theirs are.</summary>
    public static string Of(Job job, RunRequest request) =>
        string.Join(
            '\n',
            request.StateDirectory,
            request.Keys.KeyPath,
            request.Keys.PeersPath,
            // Who is told of it is no matter of its own: that changes while it is at work.
            ConfigPrinter.Print(request.Config with { Notify = [], Targets = [] }, [job], withDefaults: true)
        );
}
