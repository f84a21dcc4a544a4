using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RsyncFs.Access;
using RsyncFs.Errors;

namespace RsyncFs.Linux.Keys;

/// <summary>
/// Encrypts a connection: TLS 1.3 (RFC 8446) and nothing older, both ends with their own certificate. What a certificate
/// says is not looked at; its key is, by its fingerprint. Nothing is resumed and nothing negotiated anew.
/// </summary>
/// <remarks>
/// In TLS 1.3 a client takes the handshake for done before its certificate was judged, and would see no more than an end
/// of the stream. So a receiver lets every key pass here, and refuses by a message of its own, which can say why.
/// </remarks>
public static class Tls
{
    // Binds the connection to this protocol: what another server with the same key says is not taken for an answer.
    private static readonly SslApplicationProtocol Protocol = new("rsyncfs/1");

    private const string SenderHint =
        "is there an 'rsyncfs serve' with a key (rsyncfs key show)? TLS 1.3 is needed";

    private const string ReceiverHint =
        "nobody belongs there but 'rsyncfs sync' and 'verify' to rsyncfs://; TLS 1.3 is needed";

    private const string CutHint =
        "it ended before anybody was known; a sender of yours says connection-lost, and may just try again";

    /// <summary>The first byte that a client of TLS sends: a handshake record (RFC 8446, 5.1).</summary>
    public const byte FirstByte = 0x16;

    /// <summary>The sender's part. No byte of the session is sent before the key has been compared.</summary>
    /// <param name="stream">A connection, just made; taken over.</param>
    /// <param name="key">This machine's.</param>
    /// <param name="judge">Throws unless the receiver's key is the one that is expected.</param>
    /// <param name="where">The receiver, for messages.</param>
    /// <param name="cancellationToken">Ends the wait; the stream is closed.</param>
    /// <exception cref="RefusedException">What <paramref name="judge"/> threw. The stream is closed.</exception>
    /// <exception cref="ConnectionException">The other end is no receiver, or the connection broke. The stream is closed.</exception>
    public static async Task<Stream> ConnectAsync(
        Stream stream,
        NodeKey key,
        Action<KeyFingerprint> judge,
        string where,
        CancellationToken cancellationToken
    )
    {
        KeyFingerprint? seen = null;
        var options = new SslClientAuthenticationOptions
        {
            // Every key is taken here, and judged below, where it can be said what is wrong.
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                (seen = FingerprintOf(certificate)) is not null,
            ClientCertificates = [key.Certificate],
            LocalCertificateSelectionCallback = (_, _, _, _, _) => key.Certificate,
            TargetHost = "",
            CertificateChainPolicy = NoChain(),
            ApplicationProtocols = [Protocol],
            EnabledSslProtocols = SslProtocols.Tls13,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            AllowRenegotiation = false,
            AllowTlsResume = false,
        };
        NameHome();
        var tls = new SslStream(stream);
        try
        {
            await EncryptAsync(
                tls.AuthenticateAsClientAsync(options, cancellationToken),
                where,
                SenderHint,
                cutHint: SenderHint
            );
            RequireProtocol(tls, where, SenderHint);
            judge(seen!.Value);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    /// <summary>The receiver's part.</summary>
    /// <param name="stream">A connection, just accepted; taken over.</param>
    /// <param name="key">This machine's.</param>
    /// <param name="where">The sender, for messages.</param>
    /// <param name="cancellationToken">Ends the wait; the stream is closed.</param>
    /// <returns>The encrypted stream, and the sender's key; null if it showed none.</returns>
    /// <exception cref="ConnectionException">The other end is no sender, or the connection broke. The stream is closed.</exception>
    public static async Task<(Stream Stream, KeyFingerprint? Key)> AnswerAsync(
        Stream stream,
        NodeKey key,
        string where,
        CancellationToken cancellationToken
    )
    {
        KeyFingerprint? seen = null;
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificate = key.Certificate,
            ClientCertificateRequired = true,
            CertificateChainPolicy = NoChain(),
            // Whoever shows no key is let in, too, as far as being told so.
            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                (seen = FingerprintOf(certificate)) is not null || certificate is null,
            ApplicationProtocols = [Protocol],
            EnabledSslProtocols = SslProtocols.Tls13,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            AllowRenegotiation = false,
            AllowTlsResume = false,
        };
        NameHome();
        var tls = new SslStream(stream);
        try
        {
            await EncryptAsync(
                tls.AuthenticateAsServerAsync(options, cancellationToken),
                where,
                ReceiverHint,
                CutHint
            );
            RequireProtocol(tls, where, ReceiverHint);
            return (tls, seen);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Certificates sign themselves here: who issued one is not looked for, least of all at an address that it names, which
    /// whoever shows it could choose.
    /// </summary>
    private static X509ChainPolicy NoChain() =>
        new()
        {
            DisableCertificateDownloads = true,
            RevocationMode = X509RevocationMode.NoCheck,
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            VerificationFlags = X509VerificationFlags.AllFlags,
        };

    /// <summary>
    /// Before a handshake the runtime looks below the user's home directory for certificates that he has forbidden, and
    /// fails for a user who has none: one without a name, as of a container, where HOME is not set. Ours are not there.
    /// </summary>
    private static void NameHome()
    {
        const string Variable = "HOME";
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)))
        {
            Environment.SetEnvironmentVariable(Variable, "/nonexistent");
        }
    }

    private static KeyFingerprint? FingerprintOf(X509Certificate? certificate) =>
        certificate is X509Certificate2 known ? NodeKey.FingerprintOf(known) : null;

    private static async Task EncryptAsync(Task handshake, string where, string hint, string cutHint)
    {
        try
        {
            await handshake;
        }
        catch (IOException cut)
        {
            // By whoever is there, because too many are, or on the way: the same may succeed a little later.
            throw Failed(ErrorId.ConnectionLost, where, cutHint, cut.Message, cut);
        }
        catch (Exception failure) when (failure is AuthenticationException or CryptographicException)
        {
            // The outer ones say that it failed; the one at the bottom says why.
            throw Failed(ErrorId.TlsFailed, where, hint, failure.GetBaseException().Message, failure);
        }
    }

    private static void RequireProtocol(SslStream tls, string where, string hint)
    {
        if (tls.NegotiatedApplicationProtocol != Protocol)
        {
            throw Failed(
                ErrorId.TlsFailed,
                where,
                hint,
                "it speaks TLS, and not the protocol of rsyncfs",
                inner: null
            );
        }
    }

    private static ConnectionException Failed(
        ErrorId id,
        string where,
        string hint,
        string cause,
        Exception? inner
    ) =>
        new(id, "no encrypted connection came to be", inner)
        {
            Where = where,
            Cause = cause,
            Hint = hint,
        };
}
