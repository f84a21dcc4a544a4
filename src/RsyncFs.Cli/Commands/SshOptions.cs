using System.CommandLine;
using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Commands;

/// <summary>The options of a destination that is reached through ssh.</summary>
internal sealed class SshOptions
{
    private readonly Option<string?> _program = new("--ssh-command")
    {
        Description =
            "How ssh is called for rsyncfs+ssh://, with its own options if need be; words are separated by blanks. Default: ssh.",
        HelpName = "COMMAND",
    };

    private readonly Option<string?> _remote = new("--remote-rsyncfs")
    {
        Description =
            "Where rsyncfs is on the machine of rsyncfs+ssh://; its shell reads it, so 'sudo rsyncfs' will do. Default: rsyncfs.",
        HelpName = "PATH",
    };

    /// <summary>Adds both to <paramref name="command"/>.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_program);
        command.Options.Add(_remote);
    }

    /// <summary>What was said.</summary>
    /// <exception cref="Errors.RsyncFsException">One is empty, or there is nothing that it could be for.</exception>
    public SshSettings Bind(ParseResult parsed, Destination destination)
    {
        foreach (var option in (Option<string?>[])[_program, _remote])
        {
            if (parsed.GetValue(option) is { } given)
            {
                RequireMeaning(option.Name, given, destination);
            }
        }

        return new SshSettings(
            parsed.GetValue(_program)?.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                ?? SshSettings.Default.Program,
            parsed.GetValue(_remote) ?? SshSettings.Default.RemoteProgram
        );
    }

    private static void RequireMeaning(string option, string given, Destination destination)
    {
        if (string.IsNullOrWhiteSpace(given))
        {
            throw UsageError.Of($"{option} is empty", "leave it out, or name a program");
        }

        if (destination is not SshDestination)
        {
            throw UsageError.Of($"{option} is for rsyncfs+ssh://", $"the destination is {destination}");
        }
    }
}
