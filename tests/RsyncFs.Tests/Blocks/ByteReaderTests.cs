using RsyncFs.Blocks;
using Xunit;

namespace RsyncFs.Tests.Blocks;

public sealed class ByteReaderTests
{
    [Fact]
    public void EveryVarintComesBackInItsShortestForm()
    {
        const int Seed = 17;
        var random = new Random(Seed);
        for (var round = 0; round < 20_000; round++)
        {
            var value = (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
            var writer = new ByteWriter();
            writer.WriteVarint(value);
            var reader = new ByteReader(writer.Written);
            Assert.True(reader.ReadVarint() == value, $"seed {Seed} round {round}");
            reader.EnsureEnd();
            var bits = 64 - (int)ulong.LeadingZeroCount(value);
            Assert.Equal(Math.Max(1, (bits + 6) / 7), writer.Length);
        }
    }

    [Theory]
    [InlineData("8000")] // zero in two bytes
    [InlineData("FF00")]
    [InlineData("80808080808080808000")]
    [InlineData("FFFFFFFFFFFFFFFFFF02")] // 2^64 and more
    [InlineData("FFFFFFFFFFFFFFFFFFFF01")]
    [InlineData("80")]
    [InlineData("")]
    public void RefusesVarintsThatAreLongWideOrCut(string hex) =>
        Assert.Throws<InvalidDataException>(() => new ByteReader(Convert.FromHexString(hex)).ReadVarint());

    [Fact]
    public void ReadsTheLargestVarint() =>
        Assert.Equal(
            ulong.MaxValue,
            new ByteReader(Convert.FromHexString("FFFFFFFFFFFFFFFFFF01")).ReadVarint()
        );

    [Theory]
    [InlineData("02C328")] // a continuation is missing
    [InlineData("02C080")] // overlong zero
    [InlineData("03EDA080")] // a surrogate
    [InlineData("04F4908080")] // behind the last code point
    [InlineData("0361")] // cut
    [InlineData("6161616161")] // longer than allowed
    public void RefusesTextThatIsNotUtf8OrTooLong(string hex) =>
        Assert.Throws<InvalidDataException>(() => new ByteReader(Convert.FromHexString(hex)).ReadString(10));

    [Fact]
    public void TheWriterRefusesTextOverItsLimit()
    {
        var writer = new ByteWriter();
        Assert.Throws<ArgumentException>(() => writer.WriteString("ééé", 5));
        Assert.Equal(0, writer.Length);
    }

    [Fact]
    public void GuidsStandAsTheyArePrinted()
    {
        var writer = new ByteWriter();
        writer.WriteGuid(new Guid("00112233-4455-6677-8899-aabbccddeeff"));
        Assert.Equal("00112233445566778899AABBCCDDEEFF", Convert.ToHexString(writer.Written));
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(253402300800000)]
    public void RefusesTimesThatAreNone(long milliseconds)
    {
        var writer = new ByteWriter();
        writer.WriteInt64(milliseconds);
        Assert.Throws<InvalidDataException>(() => new ByteReader(writer.Written).ReadTime());
    }

    [Fact]
    public void RefusesTrailingBytesAndBooleansThatAreNeither()
    {
        Assert.Throws<InvalidDataException>(() => new ByteReader([1]).EnsureEnd());
        Assert.Throws<InvalidDataException>(() => new ByteReader([2]).ReadBoolean());
        Assert.Throws<InvalidDataException>(() => new ByteReader([1, 2, 3]).ReadUInt32());
    }
}
