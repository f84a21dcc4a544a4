using RsyncFs.Errors;
using RsyncFs.Protocol.Messages;

namespace RsyncFs.Protocol;

/// <summary>
/// The first two messages: the sender offers a range of versions, the receiver picks one. Hello, Welcome and Refused
/// look the same in every version, so that two ends that have none in common can still say so.
/// </summary>
public static class Handshake
{
    /// <summary>The oldest version that this program speaks.</summary>
    public const ushort MinVersion = 2;

    /// <summary>The newest.</summary>
    public const ushort MaxVersion = 4;

    /// <summary>From here on a receiver says what it decodes besides LZ4.</summary>
    public const ushort CodecsVersion = 3;

    /// <summary>From here on a session may end by <see cref="Again"/>.</summary>
    public const ushort AgainVersion = 4;

    /// <summary>The sender's part. Afterwards the session speaks the version of the answer.</summary>
    /// <param name="connection">Just made.</param>
    /// <param name="software">Program and version, for the receiver's logs.</param>
    /// <param name="node">This machine's name, for the receiver's logs.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RefusedException">The receiver speaks none of our versions, or refuses for another reason.</exception>
    /// <exception cref="ProtocolException">Something else answered, or in a version that we did not offer.</exception>
    /// <exception cref="ConnectionException">The connection broke, or no answer came in time.</exception>
    public static async ValueTask<Welcome> GreetAsync(
        Connection connection,
        string software,
        string node,
        CancellationToken cancellationToken
    )
    {
        var hello = new Hello(MinVersion, MaxVersion, Name(software), Name(node));
        await connection.SendAsync(hello, cancellationToken);
        var answer = await connection.ReceiveAsync(cancellationToken);
        return answer switch
        {
            Welcome { Version: >= MinVersion and <= MaxVersion } welcome => welcome,
            Welcome welcome => throw new ProtocolException(
                $"an answer in version {welcome.Version} to an offer of {MinVersion} to {MaxVersion}"
            ),
            _ => throw new ProtocolException($"{answer.Type} where Welcome belongs"),
        };
    }

    /// <summary>The receiver's part. Afterwards the session speaks <see cref="MaxVersion"/> or the sender's newest, whichever is older.</summary>
    /// <param name="connection">Just accepted.</param>
    /// <param name="software">Program and version, for the sender's logs.</param>
    /// <param name="node">This machine's name, for the sender's logs.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RefusedException">The sender speaks none of our versions. It is for the caller to tell it.</exception>
    /// <exception cref="ProtocolException">Something else called.</exception>
    /// <exception cref="ConnectionException">The connection broke, or nothing came in time.</exception>
    public static async ValueTask<Hello> AnswerAsync(
        Connection connection,
        string software,
        string node,
        CancellationToken cancellationToken
    )
    {
        var first = await connection.ReceiveAsync(cancellationToken);
        var hello = first as Hello ?? throw new ProtocolException($"{first.Type} where Hello belongs");
        if (hello.MinVersion > MaxVersion || hello.MaxVersion < MinVersion)
        {
            throw new RefusedException(
                ErrorId.ProtocolVersion,
                $"the sender ({hello.Software}) speaks protocol {hello.MinVersion} to {hello.MaxVersion}, the receiver ({software}) {MinVersion} to {MaxVersion}"
            )
            {
                Hint = "install the same version of rsyncfs on both ends",
            };
        }

        await connection.SendAsync(
            new Welcome(VersionWith(hello), Name(software), Name(node)),
            cancellationToken
        );
        return hello;
    }

    /// <summary>What a receiver speaks with a sender that offers <paramref name="hello"/>: the newest that both know.</summary>
    public static ushort VersionWith(Hello hello) => Math.Min(hello.MaxVersion, MaxVersion);

    private static string Name(string text) => PeerText.Clean(text, ProtocolLimits.NameBytes);
}
