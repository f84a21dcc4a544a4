using System.Text;
using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using Xunit;

namespace RsyncFs.Tests.Protocol;

public sealed class MessageCodingTests
{
    private static readonly SessionFormat SmallFormat = new(new BlockLayout(1_000_000, 65536), 16);

    [Fact]
    public void EveryMessageComesBackAsItWasSent()
    {
        for (var seed = 1; seed <= 300; seed++)
        {
            var random = new RandomMessages(seed);
            var types = new HashSet<Type>();
            foreach (var message in random.OneOfEach())
            {
                var frame = Frames.Encode(message, random.Format);
                var decoded = Frames.Decode(frame, random.Format);
                Assert.True(decoded.GetType() == message.GetType(), $"seed {seed}");
                Assert.True(
                    frame.SequenceEqual(Frames.Encode(decoded, random.Format)),
                    $"{message} seed {seed}"
                );
                types.Add(message.GetType());
            }

            Assert.Equal(Enum.GetValues<MessageType>().Length, types.Count);
        }
    }

    [Fact]
    public void MessagesWithoutMemoryAreEqualAfterTheWire()
    {
        for (var seed = 1; seed <= 100; seed++)
        {
            var random = new RandomMessages(seed);
            foreach (var message in random.OneOfEach())
            {
                if (
                    message
                    is GroupDigests
                        or OpenTarget
                        or Signatures
                        or PageQuery
                        or PageHashes
                        or DeltaBatch
                        or AuditQuery
                        or AuditDigests
                )
                {
                    continue;
                }

                Assert.Equal(message, Frames.Decode(Frames.Encode(message, random.Format), random.Format));
            }
        }
    }

    [Fact]
    public void NoPrefixOfAFrameIsAMessage()
    {
        var random = new RandomMessages(7);
        foreach (var message in random.OneOfEach())
        {
            var frame = Frames.Encode(message, random.Format);
            for (var length = 0; length < Math.Min(frame.Length, 2000); length++)
            {
                var prefix = frame.AsMemory(0, length);
                Assert.Throws<ConnectionException>(() => Frames.Decode(prefix, random.Format));
            }
        }
    }

    [Fact]
    public void NoSingleFlippedBitGoesUnseen()
    {
        var random = new RandomMessages(11);
        foreach (var message in random.OneOfEach())
        {
            var frame = Frames.Encode(message, random.Format);
            for (var bit = 0; bit < Math.Min(frame.Length, 400) * 8; bit++)
            {
                frame[bit / 8] ^= (byte)(1 << (bit % 8));
                var problem = Record.Exception(() => Frames.Decode(frame, random.Format));
                Assert.True(
                    problem is ProtocolException or ConnectionException,
                    $"{message} bit {bit}: {problem?.GetType().Name ?? "accepted"}"
                );
                frame[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
    }

    [Fact]
    public void RefusesATrailingByteInEveryMessage()
    {
        var random = new RandomMessages(13);
        foreach (var message in random.OneOfEach())
        {
            var frame = Frames.Encode(message, random.Format);
            byte[] longer = [.. frame.AsSpan(FrameHeader.LengthBytes), 0];
            var sealedFrame = Frames.Seal((byte)message.Type, longer);
            Assert.Throws<ProtocolException>(() => Frames.Decode(sealedFrame, random.Format));
        }
    }

    [Fact]
    public void RefusesLengthsOverTheLimitBeforeMemoryIsTaken()
    {
        for (byte type = 0; type < 64; type++)
        {
            var header = Frames.Claim(type, 256 * 1024 * 1024);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<ProtocolException>(() => FrameHeader.Read(header, SmallFormat));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256 * 1024);
        }
    }

    [Fact]
    public void RefusesADeltaBeforeATargetIsOpen()
    {
        var frame = Frames.Encode(new DeltaBatch([new ZeroRun(0, 1)]), SmallFormat);
        Assert.Throws<ProtocolException>(() => Frames.Decode(frame, null));
    }

    /// <summary>A source consists of one to 64 devices, and of several none is empty.</summary>
    [Theory]
    [InlineData(64, 512, true)]
    [InlineData(65, 512, false)]
    [InlineData(0, 512, false)]
    [InlineData(1, 0, true)]
    [InlineData(2, 0, false)]
    [InlineData(64, BlockLayout.MaxLengthBytes / 64, false)]
    public void RefusesAShapeThatNoSourceHas(int count, long length, bool isOne)
    {
        var one = new RandomMessages(17).OpenTarget(new SetShape(512));
        var payload = Frames.Encode(one, null).AsSpan(FrameHeader.LengthBytes);
        // Purpose, and a name with its length before it.
        var at = 1 + 1 + Encoding.UTF8.GetByteCount(one.Target);
        var shape = new ByteWriter();
        shape.WriteByte((byte)count);
        for (var i = 0; i < count; i++)
        {
            shape.WriteInt64(length);
        }

        byte[] changed = [.. payload[..at], .. shape.ToArray(), .. payload[(at + 1 + 8)..]];
        var refusal = Record.Exception(() => MessageCoding.Decode(one.Type, changed, null));
        Assert.Equal(isOne ? null : typeof(ProtocolException), refusal?.GetType());
    }

    [Fact]
    public void RandomPayloadsUnderAValidChecksumAreReadOrRefused()
    {
        const int Seed = 20260102;
        var random = new Random(Seed);
        var accepted = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var input = 0; input < 200_000; input++)
        {
            var payload = new byte[random.Next(80)];
            random.NextBytes(payload);
            // Small numbers come further into the parser than large ones.
            for (var i = 0; i < payload.Length && input % 2 == 0; i++)
            {
                payload[i] &= (byte)(random.Next(4) == 0 ? 0xFF : 0x03);
            }

            var type = (MessageType)(1 + random.Next((int)MessageType.Bye));
            try
            {
                var message = MessageCoding.Decode(type, payload, SmallFormat);
                var again = Frames.Encode(message, SmallFormat).AsSpan(FrameHeader.LengthBytes);
                Assert.True(
                    again.SequenceEqual(payload),
                    $"seed {Seed} input {input}: {type} has two codings"
                );
                accepted++;
            }
            catch (ProtocolException)
            {
                // As it should be.
            }
        }

        Assert.InRange(accepted, 500, 199_000);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 200_000, 0, 16 * 1024);
    }
}
