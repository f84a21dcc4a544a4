using System.IO.Hashing;
using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Protocol;

namespace RsyncFs.Fuzz.Targets;

/// <summary>One message: a byte for the format, one for the type, then the payload.</summary>
internal sealed class MessageTarget : FuzzTarget
{
    private const int Head = 2;

    private readonly ByteWriter _frame = new(256 * 1024);
    private readonly XxHash3 _hash = new();

    /// <inheritdoc/>
    public override string Name => "messages";

    /// <inheritdoc/>
    public override int Share => 100;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Covers =>
        [
            "RsyncFs.Protocol.Messages.",
            "RsyncFs.Protocol.MessageCoding",
            "RsyncFs.Protocol.MessageReader",
            "RsyncFs.Protocol.RecordFields",
            "RsyncFs.Protocol.BlockListFields",
            "RsyncFs.Protocol.LineageFields",
            "RsyncFs.Protocol.PositionFields",
            "RsyncFs.Protocol.PeerText",
            "RsyncFs.Blocks.ByteReader",
            "RsyncFs.Blocks.VolumeFields",
        ];

    /// <inheritdoc/>
    public override int MaxLength => 8 * 1024;

    /// <inheritdoc/>
    public override long MaxAllocatedBytes => 16 * 1024 * 1024;

    /// <inheritdoc/>
    protected override bool IsDocumented(Exception failure) => failure is ProtocolException;

    /// <inheritdoc/>
    public override IEnumerable<byte[]> Seeds()
    {
        foreach (var frame in GoldenFrames.All)
        {
            for (byte format = 0; format < Formats.Count; format++)
            {
                yield return [format, frame[4], .. frame.AsSpan(FrameHeader.LengthBytes)];
            }
        }
    }

    /// <inheritdoc/>
    public override void Read(byte[] input)
    {
        if (input.Length < Head)
        {
            return;
        }

        var format = Formats.Of(input[0]);
        var payload = input.AsMemory(Head);
        var message = MessageCoding.Decode((MessageType)input[1], payload, format);
        // Each message has one coding: what was read is what would be written.
        MessageCoding.Encode(message, format, _frame, _hash);
        Require(
            _frame.Written[FrameHeader.LengthBytes..].SequenceEqual(payload.Span),
            $"a {message.Type} is other bytes when it is written again"
        );
    }
}
