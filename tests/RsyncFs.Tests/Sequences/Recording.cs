using RsyncFs.Blocks;
using RsyncFs.Fuzz.Sessions;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;

namespace RsyncFs.Tests.Sequences;

/// <summary>A legal session, message by message.</summary>
/// <param name="Sender">What the sender said.</param>
/// <param name="Receiver">What the receiver said.</param>
/// <param name="Format">In which format, once the target was open.</param>
internal sealed record Recording(
    IReadOnlyList<ScriptedFrame> Sender,
    IReadOnlyList<ScriptedFrame> Receiver,
    SessionFormat Format
)
{
    /// <summary>A session of each scene, by its number in <see cref="Scenes.All"/>; behind them some of other devices and block sizes.</summary>
    public static IReadOnlyList<Recording> All { get; } =
    [.. Scenes.All.Select(Record), .. Foreign().Select(Record)];

    /// <summary>Ids that were named in any of them.</summary>
    public static IReadOnlyList<Guid> Ids { get; } =
    [Guid.Empty, Guid.AllBitsSet, .. All.SelectMany(IdsOf).Distinct()];

    /// <summary>What that end said.</summary>
    public IReadOnlyList<ScriptedFrame> Of(ProtocolRole role) =>
        role == ProtocolRole.Sender ? Sender : Receiver;

    private static Recording Record(Scene scene)
    {
        var (sender, receiver) = scene.Copy().Play();
        var open = sender.Frames.Select(frame => Decoded(frame, format: null)).OfType<OpenTarget>().First();
        var layout = new BlockLayout(scene.Target.Length, open.Volume.BlockSizeBytes);
        return new Recording(
            [.. sender.Frames],
            [.. receiver.Frames],
            new SessionFormat(layout, open.Volume.Hash.DigestLength)
        );
    }

    private static Message? Decoded(ScriptedFrame frame, SessionFormat? format) =>
        format is null && frame.Type is not (MessageType.Hello or MessageType.OpenTarget)
            ? null
            : MessageCoding.Decode(frame.Type, frame.Payload, format);

    private static IEnumerable<Scene> Foreign()
    {
        var first = Scenes.All[0];
        yield return first.Copy() with
        {
            Number = 50,
            Options = first.Options with { BlockSizeBytes = 2 * Scene.BlockSizeBytes },
        };
        yield return first.Copy() with
        {
            Number = 51,
            Source = [.. first.Source, .. first.Source],
            Target = new byte[2 * first.Target.Length],
        };
    }

    private static IEnumerable<Guid> IdsOf(Recording recording)
    {
        foreach (var frame in recording.Sender)
        {
            switch (Decoded(frame, recording.Format))
            {
                case OpenTarget open:
                    yield return open.Volume.Id;
                    yield return open.Lineage.Cursor;
                    break;
                case BeginGeneration begin:
                    yield return begin.Generation;
                    yield return begin.Parent;
                    break;
                default:
                    break;
            }
        }
    }
}
