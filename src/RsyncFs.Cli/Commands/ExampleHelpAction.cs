using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace RsyncFs.Cli.Commands;

/// <summary>Help as the library prints it, and the verb's examples below.</summary>
internal sealed class ExampleHelpAction(HelpAction inner) : SynchronousCommandLineAction
{
    /// <summary>Help is no error, whatever else stands on the line.</summary>
    public override bool ClearsParseErrors => true;

    /// <summary>Prints.</summary>
    public override int Invoke(ParseResult parseResult)
    {
        var code = inner.Invoke(parseResult);
        if (parseResult.CommandResult.Command is ExampleCommand command)
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var example in command.Examples)
            {
                output.WriteLine($"  {example}");
            }
        }

        return code;
    }
}
