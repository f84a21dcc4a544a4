using RsyncFs.Access;
using RsyncFs.Cli.Arguments;

namespace RsyncFs.Cli.Commands.Keys;

/// <summary>Rights as they are given on the command line.</summary>
internal static class Grants
{
    private const string Nothing = "=none";

    /// <summary><paramref name="peer"/> with these grants in the place of what it had on those targets.</summary>
    /// <exception cref="Errors.RsyncFsException">One is none, or names no target.</exception>
    public static Peer Apply(Peer peer, IEnumerable<string> grants)
    {
        var rights = new Dictionary<string, Rights>(peer.Rights, StringComparer.Ordinal);
        foreach (var grant in grants)
        {
            var (target, given) = Parse(grant);
            if (given == Rights.None)
            {
                rights.Remove(target);
            }
            else
            {
                rights[target] = given;
            }
        }

        return peer with
        {
            Rights = rights,
        };
    }

    private static (string Target, Rights Given) Parse(string grant)
    {
        try
        {
            var (target, given) = grant.EndsWith(Nothing, StringComparison.Ordinal)
                ? (grant[..^Nothing.Length], Rights.None)
                : PeerList.ParseGrant(grant);
            return TargetName.IsValid(target)
                ? (target, given)
                : throw UsageError.Of($"'{target}' is not a target's name", TargetName.Rule);
        }
        catch (FormatException wrong)
        {
            throw UsageError.Of(wrong.Message, "as in: --allow db01=write,verify");
        }
    }
}
