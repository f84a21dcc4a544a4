using System.CommandLine;
using RsyncFs.Access;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Output;

namespace RsyncFs.Cli.Commands.Keys;

/// <summary><c>rsyncfs peer</c>: the machines that this one knows by their keys, and what they may do here.</summary>
internal sealed class PeerCommand
{
    private readonly Argument<string> _name = new("NAME")
    {
        Description =
            "What the machine is called here. For a receiver: the host by which it is called, as it stands in rsyncfs://HOST/TARGET; or HOST:PORT, which goes before HOST, where several receivers of one host have keys of their own.",
    };

    private readonly Argument<string> _key = new("KEY")
    {
        Description =
            "What 'rsyncfs key show' prints there; or ssh, for a machine that comes through 'serve --stdio --peer NAME' only.",
    };

    private readonly Argument<string[]> _grants = new("GRANT")
    {
        Description =
            "TARGET=RIGHT[,RIGHT]: write, verify, init (a first copy, if 'serve' allows one, too); or TARGET=none.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string[]> _allow = new("--allow")
    {
        Description = "What it may do with a target of this machine; may be repeated. Without it: nothing.",
        HelpName = "TARGET=RIGHT[,RIGHT]",
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>The group for the command line.</summary>
    public Command Build(OutputOptions output, Terminal terminal)
    {
        var group = new ExampleCommand(
            "peer",
            "The machines that this one knows, by their keys or through ssh, and what they may do here. A receiver that runs is told of a change, and ends the sessions of those who lost a right that they need.",
            "rsyncfs peer add web1 rfk1:... --allow db01=write,verify",
            "rsyncfs peer list"
        );
        group.Subcommands.Add(BuildAdd(output, terminal));
        group.Subcommands.Add(BuildAllow(output, terminal));
        group.Subcommands.Add(BuildRemove(output, terminal));
        group.Subcommands.Add(BuildList(output, terminal));
        return group;
    }

    private ExampleCommand BuildAdd(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "add",
            "Make a machine known by its key, or note its new key; what it may do stays as it was.",
            "rsyncfs peer add web1 rfk1:... --allow db01=write,verify",
            "rsyncfs peer add backup1.example.net rfk1:...",
            "rsyncfs peer add web1 ssh --allow db01=write,verify"
        );
        command.Arguments.Add(_name);
        command.Arguments.Add(_key);
        command.Options.Add(_allow);
        return new PeerVerb(command, output, terminal).Finish(
            (parsed, peers) =>
            {
                var name = NameIn(parsed);
                var key = KeyIn(parsed);
                if (
                    key is { } own
                    && peers.Find(own) is { } owner
                    && !ReferenceEquals(owner, peers.Find(name))
                )
                {
                    throw UsageError.Of($"the key is {owner.Name}'s already", "each machine has its own");
                }

                if (key is null && peers.Find(name) is { Key: not null })
                {
                    throw UsageError.Of(
                        $"{name} has a key, and may come through ssh as well, as it is",
                        $"what it may do: rsyncfs peer allow {name} TARGET=RIGHT; to take the key away: rsyncfs peer remove {name}, and add it again"
                    );
                }

                var known =
                    peers.Find(name)
                    ?? new Peer(name, key, new Dictionary<string, Rights>(StringComparer.Ordinal));
                return peers.With(Grants.Apply(known with { Key = key }, parsed.GetValue(_allow) ?? []));
            }
        );
    }

    private ExampleCommand BuildAllow(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "allow",
            "Say what a known machine may do with a target of this one; other targets stay as they were.",
            "rsyncfs peer allow web1 db01=write,verify",
            "rsyncfs peer allow web1 db01=none"
        );
        command.Arguments.Add(_name);
        command.Arguments.Add(_grants);
        return new PeerVerb(command, output, terminal).Finish(
            (parsed, peers) => peers.With(Grants.Apply(Known(parsed, peers), parsed.GetValue(_grants)!))
        );
    }

    private ExampleCommand BuildRemove(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "remove",
            "Forget a machine: its sessions are ended, and its key is refused from now on.",
            "rsyncfs peer remove web1"
        );
        command.Arguments.Add(_name);
        return new PeerVerb(command, output, terminal).Finish(
            (parsed, peers) => peers.Without(Known(parsed, peers).Name)
        );
    }

    private static ExampleCommand BuildList(OutputOptions output, Terminal terminal)
    {
        var command = new ExampleCommand(
            "list",
            "List the machines that this one knows, and what each may do here.",
            "rsyncfs peer list",
            "rsyncfs peer list --json"
        );
        return new PeerVerb(command, output, terminal).Finish(change: null);
    }

    private Peer Known(ParseResult parsed, PeerList peers) =>
        NameIn(parsed) is var name && peers.Find(name) is { } known
            ? known
            : throw UsageError.Of(
                $"'{name}' is nobody who is known",
                $"rsyncfs peer list has those that are; to add it: rsyncfs peer add {name} KEY"
            );

    private string NameIn(ParseResult parsed)
    {
        var name = parsed.GetValue(_name) ?? "";
        return PeerList.IsName(name)
            ? name
            : throw UsageError.Of(
                $"'{name}' is not a peer's name",
                "letters, digits and . - _ : [ ] make one"
            );
    }

    private KeyFingerprint? KeyIn(ParseResult parsed) =>
        PeerList.TryParseKey(parsed.GetValue(_key) ?? "", out var key)
            ? key
            : throw UsageError.Of(
                $"'{parsed.GetValue(_key)}' is no key",
                "it is what 'rsyncfs key show' prints there: rfk1: and 44 letters; or ssh"
            );
}
