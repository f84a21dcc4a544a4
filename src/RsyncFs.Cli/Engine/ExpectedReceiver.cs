using RsyncFs.Access;
using RsyncFs.Cli.Arguments;
using RsyncFs.Cli.Commands;
using RsyncFs.Cli.Commands.Targets;
using RsyncFs.Errors;
using RsyncFs.Linux.Keys;

namespace RsyncFs.Cli.Engine;

/// <summary>Which key the receiver must have, and what to say if it has another.</summary>
/// <param name="receiver">Where it is.</param>
/// <param name="name">The name under which its key is known, or would be.</param>
/// <param name="key">The key; null if nobody said, so that none will do.</param>
/// <param name="given">What a command needs to be about this sender.</param>
internal sealed class ExpectedReceiver(
    HostAndPort receiver,
    string name,
    KeyFingerprint? key,
    GivenOptions given
)
{
    /// <summary>
    /// By <c>--pin</c>, else by the list of peers: under <c>HOST:PORT</c>, or if that is not there, under <c>HOST</c>. So
    /// several receivers of one host may have a key each.
    /// </summary>
    /// <exception cref="StateException">The list can not be used.</exception>
    public static ExpectedReceiver Of(HostAndPort receiver, SenderRequest request, GivenOptions given)
    {
        if (request.Pin is { } pin)
        {
            return new ExpectedReceiver(receiver, receiver.Host, pin, given);
        }

        var peers = new PeerFile(request.Keys.PeersPath).Load();
        var known = peers.Find(receiver.ToString()) ?? peers.Find(receiver.Host);
        return new ExpectedReceiver(receiver, known?.Name ?? receiver.Host, known?.Key, given);
    }

    /// <summary>Lets the receiver pass, or refuses it. Nothing of the source was sent yet.</summary>
    /// <exception cref="RefusedException">It has another key.</exception>
    public void Judge(KeyFingerprint seen)
    {
        if (key is null)
        {
            throw new RefusedException(ErrorId.KeyUnknown, "the receiver's key is not known here")
            {
                Where = receiver.ToString(),
                Cause = $"it is {seen}",
                Hint =
                    $"if 'rsyncfs key show' prints the same there: {HowToAdd(name, seen)}; nothing was sent",
            };
        }

        if (seen != key)
        {
            throw new RefusedException(ErrorId.KeyMismatch, "the receiver has another key than it should")
            {
                Where = receiver.ToString(),
                Cause =
                    $"it is {seen}, and {key} was expected: another machine answers, or its key was changed",
                Hint =
                    $"if that receiver was to get {key}, restart it; only if its key was changed to the one that is seen, and 'rsyncfs key show' prints that there: {HowToAdd(name, seen)}"
                    + (
                        string.Equals(name, receiver.Host, StringComparison.OrdinalIgnoreCase)
                            ? $"; if it is another receiver of that host: {HowToAdd(receiver.ToString(), seen)}"
                            : ""
                    )
                    + "; nothing was sent",
            };
        }
    }

    private string HowToAdd(string peer, KeyFingerprint seen) =>
        given.Complete($"rsyncfs peer add {peer} {seen}");
}
