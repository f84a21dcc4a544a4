using RsyncFs.Access;
using RsyncFs.Cli.Commands;
using RsyncFs.Errors;
using RsyncFs.Linux.Keys;

namespace RsyncFs.Cli.Engine;

/// <summary>Which key the receiver must have, and what to say if it has another.</summary>
/// <param name="host">The host by which it is called.</param>
/// <param name="key">The key; null if nobody said, so that none will do.</param>
internal sealed class ExpectedReceiver(string host, KeyFingerprint? key)
{
    /// <summary>By <c>--pin</c>, else by the list of peers.</summary>
    /// <exception cref="StateException">The list can not be used.</exception>
    public static ExpectedReceiver Of(string host, SenderRequest request) =>
        new(host, request.Pin ?? new PeerFile(request.Keys.PeersPath).Load().Find(host)?.Key);

    /// <summary>Lets the receiver pass, or refuses it. Nothing of the source was sent yet.</summary>
    /// <exception cref="RefusedException">It has another key.</exception>
    public void Judge(KeyFingerprint seen)
    {
        if (key is null)
        {
            throw new RefusedException(ErrorId.KeyUnknown, "the receiver's key is not known here")
            {
                Where = host,
                Cause = $"it is {seen}",
                Hint =
                    $"if 'rsyncfs key show' prints the same there: rsyncfs peer add {host} {seen}. Nothing was sent",
            };
        }

        if (seen != key)
        {
            throw new RefusedException(ErrorId.KeyMismatch, "the receiver has another key than it should")
            {
                Where = host,
                Cause =
                    $"it is {seen}, and {key} was expected: another machine answers, or its key was changed",
                Hint =
                    $"only if it was changed on purpose, and 'rsyncfs key show' prints it there: rsyncfs peer add {host} {seen}. Nothing was sent",
            };
        }
    }
}
