using System.Globalization;
using RsyncFs.Cli.Commands.Jobs;
using RsyncFs.Cli.Configuration;

namespace RsyncFs.Cli.Engine.Jobs;

/// <summary>Tells whether a job is the same after the configuration was read again.</summary>
internal static class JobIdentity
{
    /// <summary>All that matters to it, as a text: two jobs are the same if theirs are.</summary>
    public static string Of(Job job, RunRequest request)
    {
        var to = job.To.Select(there =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"{there.Name} {there.Where} {there.Pin} {string.Join(' ', there.Ssh.Program)} {there.Ssh.RemoteProgram} {there.AllowPlaintext}"
            )
        );
        var said = JobSetting.Said(job.Options, withDefaults: true).Select(said => $"{said.Key}={said.Text}");
        string[] lines =
        [
            job.Name,
            job.Device,
            request.StateDirectory,
            request.Keys.KeyPath,
            request.Keys.PeersPath,
            .. to,
            .. said,
            .. job.Options.Hooks.Select(hook =>
                $"{hook.At} {hook.Timeout} {hook.Aborts} {hook.GivenName} {string.Join('\0', hook.Run)}"
            ),
        ];
        return string.Join('\n', lines);
    }
}
