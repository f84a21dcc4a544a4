using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using RsyncFs.Errors;
using RsyncFs.Fuzz.Sessions;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Sources;
using Xunit;

namespace RsyncFs.Tests.Sequences;

/// <summary>
/// Sessions that are legal but for a few messages, against the real ends: whatever comes, each ends in time and by a
/// failure that it may have, a target is what its state says, and no success is reported that was none. More of them:
/// <c>scripts/fuzz --sequences N</c>.
/// </summary>
public sealed class SequenceTests
{
    // Of the first kind; of the others, which take longer, a half and a third as many.
    private const int FewSequences = 1500;

    [Fact]
    public void WhateverASenderSaysATargetIsAWholeGenerationAndSaysWhich() =>
        Check(SequenceGenerator.Of(ProtocolRole.Sender), 1, AgainstReceiver);

    [Fact]
    public void WhateverAReceiverSaysASenderBelievesNothingThatItHasNotSaid() =>
        Check(SequenceGenerator.Of(ProtocolRole.Receiver), 2, AgainstSender);

    [Fact]
    public void WhoeverMeddlesNoSenderReportsASuccessThatIsNone() =>
        Check(SequenceGenerator.OfBoth(), 3, Between);

    /// <summary>Or the tests above would be worth nothing.</summary>
    [Fact]
    public void ASequenceWithoutEditsIsALegalSession()
    {
        for (var number = 0; number < Scenes.All.Count; number++)
        {
            var legal = new Sequence(number, []);
            Assert.Null(AgainstReceiver(legal));
            Assert.Null(AgainstSender(legal));
            Assert.Null(Between(legal));
        }
    }

    /// <summary>A fault that is there is found, and what shows it is short and can be read.</summary>
    [Fact]
    public void AFailingSequenceIsMadeShort()
    {
        var failure = Record.Exception(() =>
            Check(
                SequenceGenerator.Of(ProtocolRole.Sender),
                4,
                sequence =>
                {
                    var isBroken = sequence
                        .Script(ProtocolRole.Sender)
                        .All(frame => frame.Type != MessageType.Bye);
                    SessionRun.Require(!isBroken, "no goodbye");
                    return null;
                }
            )
        );
        Assert.NotNull(failure);
        var shrunk = failure.Message[failure.Message.IndexOf("Shrunk", StringComparison.Ordinal)..];
        var edits = shrunk
            .Split('\n')
            .Count(line =>
                line.StartsWith("  Sender ", StringComparison.Ordinal)
                && line.Contains(':', StringComparison.Ordinal)
            );
        Assert.Equal(1, edits);
        Assert.Contains("Hello {", shrunk, StringComparison.Ordinal);
    }

    private static RsyncFsException? AgainstReceiver(Sequence sequence)
    {
        var scene = SessionRun.SceneOf(sequence);
        var judge = new TargetJudge(scene);
        var failure = SessionRun.Against(sequence, ProtocolRole.Sender, scene.Clock, scene.ReceiveAsync);
        judge.Judge();
        // Whoever was there before: an honest sender is refused, or ends with a target that is its source.
        var (sender, _) = SessionRun.Between(sequence with { Edits = [] }, scene);
        judge.Judge();
        if (sender is null && scene.Options.Purpose == Purpose.Replicate)
        {
            SessionRun.Require(IsCopied(scene), "an honest sender that came after it copied something else");
        }

        return failure;
    }

    private static RsyncFsException? AgainstSender(Sequence sequence)
    {
        var scene = SessionRun.SceneOf(sequence);
        var before = SourceState.Load(scene.SenderState).At(Scene.TargetName).Lineage;
        byte[] content = [.. scene.Source];
        var script = sequence.Script(ProtocolRole.Receiver);
        var failure = SessionRun.Against(sequence, ProtocolRole.Receiver, scene.Clock, scene.SendAsync);
        SessionRun.Require(scene.Source.AsSpan().SequenceEqual(content), "a source was written");
        var source = SourceState.Load(scene.SenderState);
        var after = source.At(Scene.TargetName).Lineage;
        var isNew = before.Cursor == Guid.Empty && before.Proposed == Guid.Empty;
        SessionRun.Require(isNew || after.Epoch == before.Epoch, "a source's own epoch was changed");
        var applied = SaidBy(script, sequence).OfType<Applied>().Select(said => said.Generation).ToList();
        var states = SaidBy(script, sequence).OfType<TargetState>().Select(said => said.Generation);
        SessionRun.Require(
            after.Cursor == before.Cursor || applied.Concat(states).Contains(after.Cursor),
            "a generation is believed acknowledged that no receiver has named"
        );
        if (failure is null && scene.Options.Purpose == Purpose.Replicate)
        {
            SessionRun.Require(applied.Contains(after.Cursor), "a success that no receiver has said");
        }

        return failure;
    }

    private static RsyncFsException? Between(Sequence sequence)
    {
        var scene = SessionRun.SceneOf(sequence);
        var judge = new TargetJudge(scene);
        var (sender, receiver) = SessionRun.Between(sequence, scene);
        var record = judge.Judge();
        if (sender is null && scene.Options.Purpose == Purpose.Replicate)
        {
            SessionRun.Require(IsCopied(scene), "a success, and the target is not the source");
            var cursor = SourceState.Load(scene.SenderState).At(Scene.TargetName).Lineage.Cursor;
            SessionRun.Require(
                record?.Generation == cursor,
                "a success, and the target is at another generation"
            );
        }

        return sender ?? receiver;
    }

    private static bool IsCopied(Scene scene) => scene.Target.AsSpan().SequenceEqual(scene.Source);

    private static IEnumerable<Message> SaidBy(IReadOnlyList<ScriptedFrame> script, Sequence sequence)
    {
        foreach (var frame in script)
        {
            Message message;
            try
            {
                message = MessageCoding.Decode(frame.Type, frame.Payload, sequence.Legal.Format);
            }
            catch (ProtocolException)
            {
                continue;
            }

            yield return message;
        }
    }

    private static void Check(
        Arbitrary<Sequence> sequences,
        int number,
        Func<Sequence, RsyncFsException?> judge
    )
    {
        var text = Environment.GetEnvironmentVariable("RSYNCFS_SEQUENCES");
        var count = text is null ? FewSequences / number : int.Parse(text, CultureInfo.InvariantCulture);
        var seed = new Rnd((ulong)TestSeed.NewRandom().NextInt64() + (ulong)number);
        var config = Config
            .QuickThrowOnFailure.WithQuietOnSuccess(true)
            .WithMaxTest(count)
            .WithReplay(FSharpOption<Replay>.Some(new Replay(seed, FSharpOption<int>.None)));
        FsCheck.Check.One(
            config,
            Prop.ForAll(
                sequences,
                sequence =>
                {
                    _ = judge(sequence);
                }
            )
        );
    }
}
