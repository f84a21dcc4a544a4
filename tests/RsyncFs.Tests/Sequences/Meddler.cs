using System.IO.Hashing;
using RsyncFs.Blocks;
using RsyncFs.Fuzz.Sessions;
using RsyncFs.Protocol;

namespace RsyncFs.Tests.Sequences;

/// <summary>Stands where the messages of one end pass, and makes its edits.</summary>
/// <param name="from">The end.</param>
/// <param name="legal">What it and the other end say where nobody meddles.</param>
/// <param name="edits">Those of <paramref name="from"/> are made.</param>
/// <param name="mayForge">False to leave out the word on which a sender reports success, where the receiver has not said it.</param>
internal sealed class Meddler(
    ProtocolRole from,
    Recording legal,
    IReadOnlyList<Edit> edits,
    bool mayForge = true
)
{
    // An edit is one of a few, so that what it puts in is, too.
    private const int MostBytes = 16;

    private readonly List<(int Due, ScriptedFrame Frame)> _held = [];
    private int _count;

    /// <summary>True once nothing passes any more.</summary>
    public bool IsCut { get; private set; }

    /// <summary>What becomes of the next message.</summary>
    public IReadOnlyList<ScriptedFrame> Pass(ScriptedFrame frame)
    {
        if (IsCut)
        {
            return [];
        }

        IReadOnlyList<ScriptedFrame> passing = [frame];
        foreach (var edit in edits.Where(IsNow))
        {
            passing = edit.Kind switch
            {
                EditKind.Later => Hold(passing, _count + 1 + (edit.Which % 8)),
                EditKind.Cut => passing,
                _ => [.. passing.SelectMany(one => Apply(edit, one))],
            };
            IsCut |= edit.Kind == EditKind.Cut;
        }

        var late = _held.Where(held => held.Due == _count).Select(held => held.Frame);
        _count++;
        return [.. passing, .. late];
    }

    /// <summary>What is still held at the end.</summary>
    public IEnumerable<ScriptedFrame> Rest() =>
        IsCut ? [] : _held.Where(held => held.Due >= _count).Select(held => held.Frame);

    private bool IsNow(Edit edit) => edit.From == from && edit.At % legal.Of(from).Count == _count;

    private IReadOnlyList<ScriptedFrame> Hold(IReadOnlyList<ScriptedFrame> frames, int due)
    {
        _held.AddRange(frames.Select(frame => (due, frame)));
        return [];
    }

    private IEnumerable<ScriptedFrame> Apply(Edit edit, ScriptedFrame frame)
    {
        var payload = frame.Payload.Span;
        var bytes = 1 + (edit.Value % MostBytes);
        switch (edit.Kind)
        {
            case EditKind.Drop:
                return [];
            case EditKind.Double:
                return [frame, frame];
            case EditKind.Splice:
                var other = Recording.All[edit.Value % Recording.All.Count].Of(from);
                return Before(other[edit.Which % other.Count], frame);
            case EditKind.Reflect:
                var said = legal.Of(ProtocolRole.Both & ~from);
                return Before(said[edit.Which % said.Count], frame);
            case EditKind.Shorten:
                return [Sealed(frame, payload[..Math.Max(0, payload.Length - bytes)])];
            case EditKind.Lengthen:
                return [Sealed(frame, [.. payload, .. new byte[bytes]])];
            case EditKind.Lie:
                return [Lie(edit, frame)];
            default:
                return [Overwrite(edit, frame)];
        }
    }

    private IEnumerable<ScriptedFrame> Before(ScriptedFrame added, ScriptedFrame frame) =>
        mayForge || added.Type is not (MessageType.Applied or MessageType.Durable)
            ? [added with { After = frame.After }, frame]
            : [frame];

    private static ScriptedFrame Overwrite(Edit edit, ScriptedFrame frame)
    {
        var payload = frame.Payload.ToArray();
        if (payload.Length > 0)
        {
            payload[((edit.Which * 64) + (edit.Value / 8)) % payload.Length] ^= (byte)(1 << (edit.Value % 8));
        }

        return Sealed(frame, payload);
    }

    private ScriptedFrame Lie(Edit edit, ScriptedFrame frame)
    {
        try
        {
            var message = MessageCoding.Decode(frame.Type, frame.Payload, legal.Format);
            var lies = Lies.Of(message, new Falsehoods(edit.Value, legal.Format));
            var writer = new ByteWriter();
            MessageCoding.Encode(lies[edit.Which % lies.Length](), legal.Format, writer, new XxHash3());
            return new ScriptedFrame(writer.ToArray(), frame.After);
        }
        catch (Exception)
        {
            // Another edit has made it illegible, or our own writer would not say such a thing.
            return Overwrite(edit, frame);
        }
    }

    private static ScriptedFrame Sealed(ScriptedFrame frame, ReadOnlySpan<byte> payload)
    {
        var bytes = new byte[FrameHeader.LengthBytes + payload.Length];
        payload.CopyTo(bytes.AsSpan(FrameHeader.LengthBytes));
        FrameHeader.Seal(bytes, frame.Type, new XxHash3());
        return new ScriptedFrame(bytes, frame.After);
    }
}
