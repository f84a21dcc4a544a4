namespace RsyncFs.Cli.Commands;

/// <summary>Short flags written together, as in <c>-nq</c> or <c>-vv</c>.</summary>
internal static class FlagBundle
{
    private const string Flags = "hnqvy";

    /// <summary>
    /// Takes bundles apart, up to <c>--</c>. A word with any other letter stays as it is and is refused later as
    /// an unknown option; the library's own bundling would read <c>-nz a b</c> as <c>-n</c> and the source <c>z</c>.
    /// </summary>
    public static IReadOnlyList<string> Split(IReadOnlyList<string> args)
    {
        var result = new List<string>(args.Count);
        foreach (var (index, argument) in args.Index())
        {
            if (argument is "--")
            {
                result.AddRange(args.Skip(index));
                break;
            }

            if (IsBundle(argument))
            {
                result.AddRange(argument.Skip(1).Select(flag => $"-{flag}"));
            }
            else
            {
                result.Add(argument);
            }
        }

        return result;
    }

    private static bool IsBundle(string argument) =>
        argument.Length > 2
        && argument[0] == '-'
        && argument.Skip(1).All(letter => Flags.Contains(letter, StringComparison.Ordinal));
}
