using System.CommandLine;

namespace RsyncFs.Cli.Commands;

/// <summary>Makes options that are there or not.</summary>
internal static class Flag
{
    /// <summary>An option without a value: what follows it is never taken for one.</summary>
    public static Option<bool> Of(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, Arity = ArgumentArity.Zero };
}
