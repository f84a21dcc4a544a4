using RsyncFs.Access;
using Xunit;

namespace RsyncFs.Tests.Access;

public sealed class KeyFingerprintTests
{
    private const string OfNothing = "rfk1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    [Fact]
    public void IsTheSha256OfTheKeyInBase64()
    {
        var fingerprint = KeyFingerprint.Of([]);
        Assert.Equal(OfNothing, fingerprint.ToString());
        Assert.True(KeyFingerprint.TryParse(OfNothing, out var parsed));
        Assert.Equal(fingerprint, parsed);
        Assert.NotEqual(fingerprint, KeyFingerprint.Of([0]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("rfk1:")]
    [InlineData("rfk2:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    [InlineData("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    [InlineData("rfk1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU")]
    [InlineData("rfk1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=")]
    [InlineData("rfk1: 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]
    [InlineData("rfk1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n")]
    [InlineData("rfk1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuA==")]
    public void AnyOtherSpellingIsNone(string text) => Assert.False(KeyFingerprint.TryParse(text, out _));

    /// <summary>Whoever forgot to set one has not the key of anybody.</summary>
    [Fact]
    public void NoneIsNobodys()
    {
        Assert.Equal("", default(KeyFingerprint).ToString());
        Assert.NotEqual(KeyFingerprint.Of([]), default);
    }
}
