using System.Globalization;
using System.Text;
using RsyncFs.Fuzz.Sessions;
using RsyncFs.Fuzz.Targets;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;

namespace RsyncFs.Tests.Sequences;

/// <summary>A session that is legal but for its edits.</summary>
/// <param name="SceneNumber">Which scene of <see cref="Scenes.All"/>.</param>
/// <param name="Edits">What is wrong with it.</param>
/// <param name="IsSettled">True if the counts and chains of a sender are put right behind the edits, as one would who means it.</param>
/// <param name="IsSilent">True if the peer does not close at the end, and says nothing more.</param>
internal sealed record Sequence(
    int SceneNumber,
    IReadOnlyList<Edit> Edits,
    bool IsSettled = false,
    bool IsSilent = false
)
{
    public Recording Legal => Recording.All[SceneNumber];

    /// <summary>What <paramref name="from"/> says.</summary>
    public IReadOnlyList<ScriptedFrame> Script(ProtocolRole from)
    {
        var meddler = new Meddler(from, Legal, Edits);
        List<ScriptedFrame> said = [.. Legal.Of(from).SelectMany(meddler.Pass), .. meddler.Rest()];
        if (!IsSettled || from != ProtocolRole.Sender)
        {
            return said;
        }

        byte[] input = [(byte)SceneNumber, .. Fuzz.Sessions.Script.Write(said)];
        return Fuzz.Sessions.Script.Read(new ReceiverTarget().Fix(input).AsSpan(1));
    }

    /// <summary>Sequences with less in them.</summary>
    public IEnumerable<Sequence> Shrink()
    {
        for (var i = 0; i < Edits.Count; i++)
        {
            yield return this with
            {
                Edits = [.. Edits.Take(i), .. Edits.Skip(i + 1)],
            };
        }

        if (IsSilent)
        {
            yield return this with
            {
                IsSilent = false,
            };
        }

        if (IsSettled)
        {
            yield return this with
            {
                IsSettled = false,
            };
        }

        for (var i = 0; i < Edits.Count; i++)
        {
            foreach (var smaller in Smaller(Edits[i]))
            {
                yield return this with
                {
                    Edits = [.. Edits.Take(i), smaller, .. Edits.Skip(i + 1)],
                };
            }
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"scene {SceneNumber}{(IsSettled ? ", settled" : "")}{(IsSilent ? ", silent" : "")}"
        );
        foreach (var edit in Edits)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {edit}");
        }

        foreach (var from in Edits.Select(edit => edit.From).Distinct())
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {from} says");
            foreach (var frame in Script(from))
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"    {Said(frame)}");
            }
        }

        return text.ToString();
    }

    private static IEnumerable<Edit> Smaller(Edit edit)
    {
        foreach (var which in Smaller(edit.Which))
        {
            yield return edit with
            {
                Which = which,
            };
        }

        foreach (var value in Smaller(edit.Value))
        {
            yield return edit with
            {
                Value = value,
            };
        }
    }

    private static IEnumerable<int> Smaller(int number) =>
        new[] { 0, number / 2, number - 1 }.Distinct().Where(smaller => smaller >= 0 && smaller < number);

    private string Said(ScriptedFrame frame)
    {
        try
        {
            var message = MessageCoding.Decode(frame.Type, frame.Payload, Legal.Format);
            return message is DeltaBatch delta
                ? $"Delta {{ {string.Join(", ", delta.Records)} }}"
                : message.ToString();
        }
        catch (Errors.ProtocolException malformed)
        {
            return $"{frame.Type} {Convert.ToHexStringLower(frame.Payload.Span)}: {malformed.Message}";
        }
    }
}
