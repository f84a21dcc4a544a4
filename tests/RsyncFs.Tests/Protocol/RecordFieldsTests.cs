using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using Xunit;

namespace RsyncFs.Tests.Protocol;

/// <summary>What the records of a Delta must not be: each payload has a valid checksum and one thing wrong.</summary>
public sealed class RecordFieldsTests
{
    // 16 blocks of 8 KiB, two pages each; the last block has one page of 100 bytes.
    private static readonly SessionFormat Format = new(new BlockLayout((15 * 8192) + 100, 8192), 16);
    private static readonly string Digest = new('0', 32);

    [Theory]
    [InlineData("10 10 00", "a block behind the last")]
    [InlineData("00 10 10", "a zero run longer than the device")]
    [InlineData("0F 10 00 00 10 00", "a record behind the last block")]
    [InlineData("00 00 D", "no op")]
    [InlineData("00 80 D", "a patch of no pages")]
    [InlineData("00 82 D 01", "a patch of zeros alone")]
    [InlineData("00 81 D 01", "a patch that is raw")]
    [InlineData("00 90 00", "a zero run that is a patch")]
    [InlineData("00 A1 D 01 00", "a patch of nothing")]
    [InlineData("00 C1 D 01 01 00", "a patch by zstd")]
    [InlineData("00 E1 D 01 01 00", "a patch by an unknown codec")]
    [InlineData("00 41 D 01 00", "nothing stored by zstd")]
    [InlineData("0F 49 D 64", "stored by zstd as long as the literal")]
    [InlineData("0F A9 D 64", "a patch as long as the literal")]
    [InlineData("00 11 D", "a zero run that writes")]
    [InlineData("00 20 D", "a codec without written pages")]
    [InlineData("00 08 D", "whole, and not written")]
    [InlineData("00 0A D 01", "whole, and only zeroed")]
    [InlineData("00 61 D 01 01 00", "an unknown codec")]
    [InlineData("00 02 D 00", "an empty bitmap")]
    [InlineData("00 02 D 04", "a page behind the last of the block")]
    [InlineData("0F 02 D 02", "a page behind the last of the short block")]
    [InlineData("00 0B D 01", "a page written and zeroed")]
    [InlineData("00 01 D 03", "a bitmap of all pages, which is said shorter")]
    [InlineData("00 21 D 01 00", "nothing stored")]
    [InlineData("0F 29 D 64", "stored as long as the literal")]
    [InlineData("0F 29 D 80", "a cut length")]
    [InlineData("00 04 D 00", "no copies")]
    [InlineData("00 04 D 01 02 01 00", "a copy to a page behind the block")]
    [InlineData("00 04 D 01 01 02 00", "a copy that leaves the block")]
    [InlineData("00 04 D 01 00 00 00", "a copy of no pages")]
    [InlineData("00 04 D 02 01 01 00 00 01 00", "copies that do not ascend")]
    [InlineData("00 04 D 02 00 02 00 01 01 00", "copies to the same page")]
    [InlineData("00 06 D 01 01 00 01 00", "a page zeroed and copied")]
    [InlineData("00 04 D 01 00 01 01", "a copy from before the device")]
    [InlineData("0F 04 D 01 00 01 02", "a copy from behind the device")]
    [InlineData("00 04 D 01 00 01 FFFFFFFFFFFFFFFFFF01", "a distance that overflows")]
    [InlineData("0F 04 D 01 00 01 FEFFFFFFFFFFFFFFFF01", "a distance that overflows upwards")]
    [InlineData("00 01 D 01", "raw bytes that are missing")]
    [InlineData("", "no records")]
    public void RefusesARecordWith(string fields, string wrong)
    {
        var payload = Convert.FromHexString(fields.Replace(" D", Digest).Replace(" ", ""));
        var problem = Record.Exception(() => MessageCoding.Decode(MessageType.Delta, payload, Format));
        Assert.True(problem is ProtocolException, wrong);
    }

    [Fact]
    public void WhatWasReceivedPointsIntoThePayload()
    {
        var change = new BlockChange(3, default)
        {
            WrittenPages = PageBitmap.All(2),
            Stored = new byte[8192],
        };
        var payload = Frames.Encode(new DeltaBatch([change]), Format).AsMemory(FrameHeader.LengthBytes);
        var decoded = (DeltaBatch)MessageCoding.Decode(MessageType.Delta, payload, Format);
        payload.Span[^1] = 0x77;
        Assert.Equal(0x77, ((BlockChange)decoded.Records[0]).Stored.Span[^1]);
    }

    [Fact]
    public void TheSizeOfARecordIsNeverBelowWhatItTakes()
    {
        for (var seed = 1; seed <= 300; seed++)
        {
            var random = new RandomMessages(seed);
            var delta = random.Delta();
            var payloadLength = Frames.Encode(delta, random.Format).Length - FrameHeader.LengthBytes;
            var size = delta.Records.Sum(record => DeltaBatch.SizeOf(record, random.Format));
            Assert.InRange(payloadLength, size - (10 * delta.Records.Count), size);
            var alone =
                Frames.Encode(new DeltaBatch([delta.Records[0]]), random.Format).Length
                - FrameHeader.LengthBytes;
            Assert.Equal(alone, DeltaBatch.SizeOf(delta.Records[0], random.Format));
        }
    }

    [Fact]
    public void AChangedPageOfABlockTakesFewBytesBesideItsContent()
    {
        var format = new SessionFormat(new BlockLayout(1L << 30, 65536), 16);
        var page = new PageBitmap(16);
        page.Add(7);
        var records = Enumerable
            .Range(0, 50)
            .Select(index => new BlockChange(1000 + (index * 3), default)
            {
                WrittenPages = page,
                Stored = new byte[4096],
            });
        var frame = Frames.Encode(new DeltaBatch([.. records]), format);
        Assert.InRange(frame.Length - (50 * 4096), 0, FrameHeader.LengthBytes + (50 * 20) + 1);
    }

    [Fact]
    public void DamagedRecordsAreReadOrRefused()
    {
        const int Seed = 20260104;
        var random = new Random(Seed);
        for (var round = 0; round < 20_000; round++)
        {
            var messages = new RandomMessages(round % 50);
            if (messages.Format.Layout.BlockSizeBytes > 16384)
            {
                continue;
            }

            var message = messages.Delta();
            var payload = Frames.Encode(message, messages.Format)[FrameHeader.LengthBytes..];
            for (var hit = random.Next(3); hit >= 0; hit--)
            {
                payload[random.Next(Math.Min(payload.Length, 64))] = (byte)random.Next(256);
            }

            var problem = Record.Exception(() =>
            {
                var decoded = MessageCoding.Decode(MessageType.Delta, payload, messages.Format);
                var again = Frames.Encode(decoded, messages.Format).AsSpan(FrameHeader.LengthBytes);
                Assert.True(again.SequenceEqual(payload), $"seed {Seed} round {round}: two codings");
            });
            Assert.True(problem is null or ProtocolException, $"seed {Seed} round {round}: {problem}");
        }
    }

    [Fact]
    public void AZeroRunLongerThanCanBeZeroedInTimeIsRefused()
    {
        const int BlockSize = 65536;
        var format = new SessionFormat(new BlockLayout(1L << 40, BlockSize), 16);
        var longest = ProtocolLimits.ZeroRunBytes / BlockSize;
        var fits = Frames.Encode(new DeltaBatch([new ZeroRun(5, longest)]), format);
        Assert.Equal(longest, Assert.Single(((DeltaBatch)Frames.Decode(fits, format)).Records).BlockCount);
        var tooLong = Frames.Encode(new DeltaBatch([new ZeroRun(5, longest + 1)]), format);
        Assert.Throws<ProtocolException>(() => Frames.Decode(tooLong, format));
    }
}
