using System.Globalization;
using Xunit;

namespace RsyncFs.Tests;

/// <summary>
/// The seed of a test with random input: printed by the test, and taken from <c>RSYNCFS_TEST_SEED</c> where that is
/// set, to repeat a failure or to look for new ones.
/// </summary>
public static class TestSeed
{
    private const int Default = 19990201;

    /// <summary>A source of random input for the running test.</summary>
    public static Random NewRandom()
    {
        var text = Environment.GetEnvironmentVariable("RSYNCFS_TEST_SEED");
        var seed = text is null ? Default : int.Parse(text, CultureInfo.InvariantCulture);
        TestContext.Current.TestOutputHelper?.WriteLine($"RSYNCFS_TEST_SEED={seed}");
        return new Random(seed);
    }

    /// <summary><paramref name="length"/> random bytes.</summary>
    public static byte[] NextBytes(this Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
