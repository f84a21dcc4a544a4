using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Fuzz.Sessions;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;

namespace RsyncFs.Fuzz.Targets;

/// <summary>A whole session of a receiver: a byte for the scene, then the script of its sender.</summary>
internal sealed class ReceiverTarget : FuzzTarget
{
    /// <inheritdoc/>
    public override string Name => "receiver";

    /// <inheritdoc/>
    public override int Share => 2;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Covers =>
        [
            "RsyncFs.Receiver",
            "RsyncFs.ReceiverSession",
            "RsyncFs.InterruptedDelta",
            "RsyncFs.TargetMap",
            "RsyncFs.Protocol.Connection",
            "RsyncFs.Protocol.Handshake",
            "RsyncFs.Protocol.InboundQueue",
            "RsyncFs.Protocol.Refusal",
            "RsyncFs.Targets.Admission",
            "RsyncFs.Targets.ConnectRules",
            "RsyncFs.Targets.BlockResolver",
            "RsyncFs.Targets.BlockLiteral",
            "RsyncFs.Updates.",
        ];

    /// <inheritdoc/>
    public override int MaxLength => 8 * 1024;

    /// <inheritdoc/>
    public override long MaxAllocatedBytes => 64 * 1024 * 1024;

    /// <inheritdoc/>
    public override IEnumerable<byte[]> Seeds()
    {
        for (byte i = 0; i < Scenes.All.Count; i++)
        {
            var (sender, _) = Scenes.All[i].Copy().Play();
            yield return [i, .. Script.Write(sender.Frames)];
        }
    }

    /// <summary>Makes counts and chains of a delta fit what was sent.</summary>
    public override byte[] Fix(byte[] input)
    {
        if (input.Length == 0)
        {
            return input;
        }

        var frames = Script.Read(input.AsSpan(1));
        SessionFormat? format = null;
        StrongHash? hash = null;
        DeltaChain? chain = null;
        foreach (var frame in frames)
        {
            try
            {
                switch (MessageCoding.Decode(frame.Type, frame.Payload, format))
                {
                    case OpenTarget open:
                        var scene = Scenes.Of(input[0]);
                        hash = open.Volume.Hash;
                        format = new(
                            new BlockLayout(scene.Target.Length, open.Volume.BlockSizeBytes),
                            hash.DigestLength
                        );
                        break;
                    case BeginGeneration begin when hash is not null:
                        chain = new DeltaChain(hash, begin.Resumed);
                        break;
                    case DeltaBatch delta when chain is not null:
                        delta.Records.ToList().ForEach(chain.Add);
                        break;
                    case Checkpoint mark when chain is not null:
                        Put(
                            frame,
                            mark with
                            {
                                RecordCount = chain.RecordCount,
                                Chain = chain.Value,
                            },
                            format
                        );
                        break;
                    case EndOfDelta end when chain is not null:
                        Put(frame, end with { RecordCount = chain.RecordCount, Chain = chain.Value }, format);
                        break;
                    default:
                        break;
                }
            }
            catch (ProtocolException)
            {
                // The session ends here.
                return input;
            }
        }

        return [input[0], .. Script.Write(frames)];
    }

    /// <inheritdoc/>
    public override void Read(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }

        var scene = Scenes.Of(input[0]).Copy();
        var judge = new TargetJudge(scene);
        using var stream = new ScriptedStream(Script.Read(input.AsSpan(1)));
        try
        {
            new Pump(stream).Run(() => scene.ReceiveAsync(stream));
        }
        finally
        {
            judge.Judge();
        }
    }

    private static void Put(ScriptedFrame frame, Message message, SessionFormat? format)
    {
        var writer = new ByteWriter();
        message.Write(writer, format);
        writer.Written.CopyTo(frame.Payload.Span);
    }
}
