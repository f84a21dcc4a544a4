using System.CommandLine;
using System.CommandLine.Invocation;
using RsyncFs.Errors;

namespace RsyncFs.Cli.Commands;

/// <summary>What <c>--version</c> prints: name and version, for scripts.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    /// <summary>Prints.</summary>
    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine($"rsyncfs {VersionCommand.Version}");
        return (int)ExitCode.Ok;
    }
}
