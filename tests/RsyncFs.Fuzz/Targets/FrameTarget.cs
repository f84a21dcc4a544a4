using System.Buffers.Binary;
using System.IO.Hashing;
using RsyncFs.Errors;
using RsyncFs.Protocol;

namespace RsyncFs.Fuzz.Targets;

/// <summary>A stream of frames: the first byte says of which format, the rest are the frames.</summary>
internal sealed class FrameTarget : FuzzTarget
{
    private readonly XxHash3 _hash = new();

    /// <inheritdoc/>
    public override string Name => "frames";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Covers =>
        ["RsyncFs.Protocol.FrameReader", "RsyncFs.Protocol.FrameHeader", "RsyncFs.Protocol.ProtocolLimits"];

    /// <inheritdoc/>
    public override int MaxLength => 16 * 1024;

    /// <inheritdoc/>
    public override long MaxAllocatedBytes => 8 * 1024 * 1024;

    /// <inheritdoc/>
    protected override bool IsDocumented(Exception failure) =>
        failure is ProtocolException or ConnectionException;

    /// <inheritdoc/>
    public override IEnumerable<byte[]> Seeds() =>
        [
            .. GoldenFrames.All.Select(frame => (byte[])[1, .. frame]),
            [1, .. GoldenFrames.All.Where(frame => frame.Length < 200).SelectMany(frame => frame)],
        ];

    /// <inheritdoc/>
    public override byte[] Fix(byte[] input)
    {
        for (var at = 1; at + FrameHeader.LengthBytes <= input.Length; )
        {
            var head = input.AsSpan(at);
            var left = head.Length - FrameHeader.LengthBytes;
            var length = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(head), (uint)left);
            FrameHeader.Seal(head[..(FrameHeader.LengthBytes + length)], (MessageType)head[4], _hash);
            at += FrameHeader.LengthBytes + length;
        }

        return input;
    }

    /// <inheritdoc/>
    public override void Read(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }

        var format = Formats.Of(input[0]);
        using var stream = new MemoryStream(input, 1, input.Length - 1);
        var reader = new FrameReader(stream) { OnBytes = () => { } };
        while (Now(reader.WaitAsync(default)))
        {
            var bytes = Now(reader.ReadHeaderAsync(default)).ToArray();
            var header = FrameHeader.Read(bytes, format);
            var payload = new byte[header.PayloadLength];
            reader.ReadPayloadAsync(header, payload, default).AsTask().GetAwaiter().GetResult();
            var again = new byte[FrameHeader.LengthBytes + payload.Length];
            payload.CopyTo(again, FrameHeader.LengthBytes);
            FrameHeader.Seal(again, header.Type, _hash);
            Require(
                again.AsSpan(0, FrameHeader.LengthBytes).SequenceEqual(bytes),
                $"a {header.Type} has another header when it is written again"
            );
        }
    }

    // A stream in memory never makes anybody wait.
    private static T Now<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();
}
