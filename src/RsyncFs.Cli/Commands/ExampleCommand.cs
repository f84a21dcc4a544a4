using System.CommandLine;

namespace RsyncFs.Cli.Commands;

/// <summary>A verb whose help ends with examples.</summary>
internal sealed class ExampleCommand(string name, string description, params string[] examples)
    : Command(name, description)
{
    /// <summary>Commands that can be pasted.</summary>
    public IReadOnlyList<string> Examples => examples;
}
