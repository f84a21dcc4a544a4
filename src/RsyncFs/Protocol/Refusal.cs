using RsyncFs.Errors;
using RsyncFs.Protocol.Messages;

namespace RsyncFs.Protocol;

/// <summary>From an error to the message that tells it, and back.</summary>
public static class Refusal
{
    /// <summary>
    /// Tells the sender why the receiver will not go on, as well as that can be done: a connection that breaks
    /// meanwhile is no further error. To be followed by disposing the connection.
    /// </summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static async ValueTask SendAsync(
        Connection connection,
        RsyncFsException error,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await connection.RefuseAsync(Write(error), cancellationToken);
        }
        catch (RsyncFsException)
        {
            // The connection is gone. What there is to say was said by the error itself, at this end.
        }
    }

    /// <summary>The message that tells <paramref name="error"/>; texts are cut to what a frame takes.</summary>
    public static Refused Write(RsyncFsException error) =>
        new(
            ErrorCatalogue.Kebab(error.Id),
            PeerText.Clean(error.Message, ProtocolLimits.TextBytes),
            PeerText.Clean(error.Where, ProtocolLimits.TextBytes),
            PeerText.Clean(error.Cause, ProtocolLimits.TextBytes),
            PeerText.Clean(error.Hint, ProtocolLimits.TextBytes)
        );

    /// <summary>
    /// The error that <paramref name="refused"/> tells. A class that this version does not know is a newer peer's:
    /// it becomes <see cref="ErrorId.ProtocolVersion"/>, which says that trying again does not help, and is named in the text.
    /// </summary>
    public static RefusedException Read(Refused refused, string peerName)
    {
        var id = ErrorCatalogue.Parse(refused.ErrorId);
        var text = PeerText.Clean(refused.Text, ProtocolLimits.TextBytes);
        var where = PeerText.Clean(refused.Where, ProtocolLimits.TextBytes);
        return new RefusedException(
            id ?? ErrorId.ProtocolVersion,
            id is null ? $"refused as {refused.ErrorId}: {text}" : text
        )
        {
            ByPeer = true,
            Where = where.Length > 0 ? $"{peerName}: {where}" : peerName,
            Cause = NullIfEmpty(PeerText.Clean(refused.Cause, ProtocolLimits.TextBytes)),
            Hint = NullIfEmpty(PeerText.Clean(refused.Hint, ProtocolLimits.TextBytes)),
        };
    }

    private static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;
}
