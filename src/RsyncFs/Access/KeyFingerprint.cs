using System.Security.Cryptography;

namespace RsyncFs.Access;

/// <summary>
/// Which key pair a machine has: the SHA-256 of its public key as certificates carry it (SubjectPublicKeyInfo, RFC 5280,
/// 4.1.2.7). People see it as <c>rfk1:</c> and 44 letters of base64; whoever has another key has another one.
/// </summary>
public readonly record struct KeyFingerprint
{
    private const string Prefix = "rfk1:";

    private readonly string? _text;

    private KeyFingerprint(ReadOnlySpan<byte> hash) => _text = Prefix + Convert.ToBase64String(hash);

    /// <summary>The fingerprint of a public key.</summary>
    /// <param name="publicKeyInfo">The DER of its SubjectPublicKeyInfo.</param>
    public static KeyFingerprint Of(ReadOnlySpan<byte> publicKeyInfo) => new(SHA256.HashData(publicKeyInfo));

    /// <summary>Reads what <see cref="ToString"/> printed; false for anything else.</summary>
    public static bool TryParse(string text, out KeyFingerprint fingerprint)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        fingerprint = default;
        if (
            !text.StartsWith(Prefix, StringComparison.Ordinal)
            || !Convert.TryFromBase64String(text[Prefix.Length..], hash, out var length)
            || length != hash.Length
        )
        {
            return false;
        }

        fingerprint = new KeyFingerprint(hash);
        // Base64 has several spellings of some values, and blanks in it are skipped: only the one that is printed counts.
        return string.Equals(fingerprint.ToString(), text, StringComparison.Ordinal);
    }

    /// <summary>As people see it.</summary>
    public override string ToString() => _text ?? "";
}
