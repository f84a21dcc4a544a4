using RsyncFs.Blocks;
using Xunit;

namespace RsyncFs.Tests.Blocks;

/// <summary>A zero detector that misses one byte loses data: others took vectors' tails for zeros.</summary>
public sealed class ZerosTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(511)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(12_345)]
    public void FindsANonzeroByteAtEveryPosition(int length)
    {
        var buffer = new byte[length + 64];
        for (var start = 0; start < 64; start += 21)
        {
            var data = buffer.AsSpan(start, length);
            for (var position = 0; position < length; position++)
            {
                data[position] = (byte)(1 << (position % 8));
                Assert.False(Zeros.IsZero(data), $"nonzero byte at {position} of {length}, start {start}");
                data[position] = 0;
                Assert.True(Zeros.IsZero(data));
            }
        }
    }

    [Fact]
    public void DoesNotLookBeyondTheEnds()
    {
        var buffer = new byte[4096 + 2];
        buffer[0] = 1;
        buffer[^1] = 1;
        Assert.True(Zeros.IsZero(buffer.AsSpan(1, 4096)));
    }

    [Fact]
    public void NothingIsZero() => Assert.True(Zeros.IsZero([]));
}
