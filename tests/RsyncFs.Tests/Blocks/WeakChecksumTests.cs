using System.Runtime.Intrinsics.X86;
using RsyncFs.Blocks;
using Xunit;

namespace RsyncFs.Tests.Blocks;

public sealed class WeakChecksumTests
{
    private const int CaseCount = 4000;

    private delegate uint Form(ReadOnlySpan<byte> data);

    /// <summary>Computed outside this program, with integers of any size, from the sums in the thesis.</summary>
    public static TheoryData<string, uint> Vectors =>
        new()
        {
            { "empty", 0x00000000 },
            { "7f", 0x007f007f },
            { "80", 0xff80ff80 },
            { "ff", 0xffffffff },
            { "rsync", 0x06b0022f },
            { "alphabet", 0x906c0b1f },
            { "every byte", 0x6a80ff80 },
            { "4096 times 80", 0x00000000 },
            { "65536 times 7f", 0x80000000 },
            { "congruential 31", 0xf2feff5a },
            { "congruential 32", 0xf285ff87 },
            { "congruential 33", 0xf261ffdc },
            { "congruential 63", 0x01d801df },
            { "congruential 64", 0x0353017b },
            { "congruential 65", 0x04990146 },
            { "congruential 4095", 0xce50f9d4 },
            { "congruential 4096", 0xc7a9f959 },
            { "congruential 65536", 0x36f6b72d },
            { "congruential 1000003", 0xfd74889d },
        };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void GivesTheSumsOfRsync(string input, uint expected)
    {
        var data = InputNamed(input);

        Assert.Equal(expected, WeakChecksum.Compute(data));
        Assert.Equal(expected, WeakChecksum.ComputeScalar(data));
        Assert.Equal(expected, ByTheThesis(data));
    }

    [Fact]
    public void ScalarFormFollowsTheThesis() => AssertFollowsTheThesis(WeakChecksum.ComputeScalar);

    [Fact]
    public void ChosenFormFollowsTheThesis() => AssertFollowsTheThesis(WeakChecksum.Compute);

    [Fact]
    public void Avx2FormFollowsTheThesis()
    {
        Assert.SkipUnless(Avx2.IsSupported, "this processor has no AVX2");
        AssertFollowsTheThesis(WeakChecksum.ComputeAvx2);
    }

    [Fact]
    public void Avx512FormFollowsTheThesis()
    {
        Assert.SkipUnless(Avx512BW.IsSupported, "this processor has no AVX-512BW");
        AssertFollowsTheThesis(WeakChecksum.ComputeAvx512);
    }

    private static void AssertFollowsTheThesis(Form form)
    {
        var random = TestSeed.NewRandom();
        var buffer = random.NextBytes(1 << 16);
        for (var i = 0; i < CaseCount; i++)
        {
            // Every short length, then some of every size; at any address; also of extreme bytes, which overflow first.
            var length = i < 300 ? i : random.Next(1 << random.Next(9, 15));
            var data = buffer.AsSpan(random.Next(buffer.Length - length), length);
            if (i % 4 == 3)
            {
                data = new byte[length];
                data.Fill(random.Next(2) == 0 ? (byte)0x80 : (byte)0x7f);
            }

            Assert.True(ByTheThesis(data) == form(data), $"case {i}, {length} bytes");
        }
    }

    private static uint ByTheThesis(ReadOnlySpan<byte> data)
    {
        // a = sum of x(i), b = sum of (n - i) x(i): as they are written, not as anybody would compute them.
        long a = 0;
        long b = 0;
        for (var i = 0; i < data.Length; i++)
        {
            long x = data[i] < 128 ? data[i] : data[i] - 256;
            a = Modulo(a + x);
            b = Modulo(b + ((data.Length - i) * x));
        }

        return (uint)((b * 65536) + a);

        static long Modulo(long value) => ((value % 65536) + 65536) % 65536;
    }

    private static byte[] InputNamed(string input) =>
        input.Split(' ') switch
        {
            ["empty"] => [],
            ["rsync"] => "rsync"u8.ToArray(),
            ["alphabet"] => "abcdefghijklmnopqrstuvwxyz"u8.ToArray(),
            ["every", "byte"] => [.. Enumerable.Range(0, 256).Select(i => (byte)i)],
            ["congruential", var length] => Congruential(int.Parse(length)),
            [var count, "times", var hex] =>
            [
                .. Enumerable.Repeat(Convert.FromHexString(hex)[0], int.Parse(count)),
            ],
            [var hex] => Convert.FromHexString(hex),
            _ => throw new ArgumentException(input, nameof(input)),
        };

    private static byte[] Congruential(int length)
    {
        // The highest byte of x = 1664525 x + 1013904223 modulo 2^32, from 1: Numerical Recipes, section 7.1.
        var state = 1u;
        var bytes = new byte[length];
        for (var i = 0; i < length; i++)
        {
            state = unchecked((state * 1664525) + 1013904223);
            bytes[i] = (byte)(state >> 24);
        }

        return bytes;
    }
}
