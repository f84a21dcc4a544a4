using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using RsyncFs.Cli.Json;
using RsyncFs.Cli.Output;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Commands;

/// <summary><c>rsyncfs version</c>.</summary>
internal static class VersionCommand
{
    /// <summary>The version of this program, as in <c>0.1.0</c>.</summary>
    public static string Version =>
        typeof(VersionCommand)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion;

    /// <summary>The verb for the command line.</summary>
    public static Command Build(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand("version", "Print the version.", "rsyncfs version --json");
        command.SetAction(parsed =>
        {
            var runtime = RuntimeInformation.FrameworkDescription;
            terminal.Output.WriteLine(
                output.Bind(parsed).Json
                    ? JsonLines.Print(new VersionDocument(Version, runtime))
                    : $"rsyncfs {Version} ({runtime})"
            );
            return (int)ExitCode.Ok;
        });
        return command;
    }
}
