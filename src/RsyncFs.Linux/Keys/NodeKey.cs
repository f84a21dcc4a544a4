using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RsyncFs.Access;
using RsyncFs.Errors;
using RsyncFs.Linux.State;

namespace RsyncFs.Linux.Keys;

/// <summary>
/// This machine's identity: a key pair on P-256, and a certificate that it signed itself, because TLS carries keys in
/// certificates. Only the public key counts; name and dates of the certificate say nothing.
/// </summary>
public sealed class NodeKey : IDisposable
{
    private const int ForbiddenBits = 0x3f; // 0077

    private NodeKey(X509Certificate2 certificate)
    {
        Certificate = certificate;
        Fingerprint = FingerprintOf(certificate);
    }

    /// <summary>The certificate with its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>What others know this machine by.</summary>
    public KeyFingerprint Fingerprint { get; }

    /// <summary>The fingerprint of the key in a certificate.</summary>
    public static KeyFingerprint FingerprintOf(X509Certificate2 certificate) =>
        KeyFingerprint.Of(certificate.PublicKey.ExportSubjectPublicKeyInfo());

    /// <summary>Makes a key pair and writes it, readable by its owner only.</summary>
    /// <param name="path">An absolute path, at which there must be nothing; directories are made.</param>
    /// <exception cref="StateException">Something is there, which stays as it is; or it can not be written, and nothing is there.</exception>
    public static NodeKey Generate(string path)
    {
        _ = LinuxDurableDirectory.OpenRoot(Path.GetDirectoryName(path)!);
        var place = SafeFile.Resolve(path, "the key") ?? path;
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=rsyncfs", pair, HashAlgorithmName.SHA256);
        // No expiry (RFC 5280, 4.1.2.5): who may connect is what the list of peers says.
        using var certificate = request.CreateSelfSigned(
            DateTimeOffset.UnixEpoch,
            new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero)
        );
        var text = $"{pair.ExportPkcs8PrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n";
        return WholeFile.TryCreate(place, text)
            ? Load(path)
            : throw new StateException(ErrorId.KeyFile, "there is a key already")
            {
                Where = path,
                Cause = "a new one would make this machine another for all that know it",
                Hint = "'rsyncfs key show' prints it; for a new one, move the old one away",
            };
    }

    /// <summary>Reads the key at <paramref name="path"/>.</summary>
    /// <exception cref="StateException">It is not there, is none, or others could read or replace it.</exception>
    public static NodeKey Load(string path) =>
        TryLoad(path)
        ?? throw new StateException(ErrorId.KeyFile, "this machine has no key")
        {
            Where = path,
            Hint = "make one with 'rsyncfs key gen', and tell the other end what it prints",
        };

    /// <summary>Reads the key at <paramref name="path"/>; null if there is none.</summary>
    /// <exception cref="StateException">It is no key, or others could read or replace it.</exception>
    public static NodeKey? TryLoad(string path)
    {
        try
        {
            return SafeFile.TryRead(path, "the key", ForbiddenBits) is { } pem
                ? new NodeKey(X509Certificate2.CreateFromPem(pem, pem))
                : null;
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            throw new StateException(ErrorId.KeyFile, "the key can not be used", failure)
            {
                Where = path,
                Cause = $"it is not what 'rsyncfs key gen' writes: {failure.Message}",
                Hint =
                    "restore it from a backup; or move it away, make another, and tell all that know the old one",
            };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Certificate.Dispose();
}
