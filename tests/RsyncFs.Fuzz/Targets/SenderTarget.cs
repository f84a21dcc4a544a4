using RsyncFs.Fuzz.Sessions;
using RsyncFs.Sources;

namespace RsyncFs.Fuzz.Targets;

/// <summary>A whole session of a sender: a byte for the scene, then the script of its receiver.</summary>
internal sealed class SenderTarget : FuzzTarget
{
    /// <inheritdoc/>
    public override string Name => "sender";

    /// <inheritdoc/>
    public override int Share => 1;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Covers =>
        [
            "RsyncFs.Replicator",
            "RsyncFs.Verifier",
            "RsyncFs.RemoteTarget",
            "RsyncFs.SenderCycle",
            "RsyncFs.SenderSession",
            "RsyncFs.DeltaSender",
            "RsyncFs.DeltaCheckpoints",
            "RsyncFs.ChangeFinder",
            "RsyncFs.ChangeShipper",
            "RsyncFs.SourceVolume",
            "RsyncFs.CyclePlan",
            "RsyncFs.ResumedDelta",
            "RsyncFs.Protocol.Connection",
            "RsyncFs.Protocol.Handshake",
            "RsyncFs.Protocol.CreditGate",
            "RsyncFs.Protocol.OutstandingQueries",
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
            var (_, receiver) = Scenes.All[i].Copy().Play();
            yield return [i, .. Script.Write(receiver.Frames)];
        }
    }

    /// <inheritdoc/>
    public override byte[] Fix(byte[] input) =>
        input.Length == 0 ? input : [input[0], .. Script.Write(Script.Read(input.AsSpan(1)))];

    /// <inheritdoc/>
    public override void Read(byte[] input)
    {
        if (input.Length == 0)
        {
            return;
        }

        var scene = Scenes.Of(input[0]).Copy();
        var before = SourceState.Load(scene.SenderState).At(Scene.TargetName).Lineage;
        var content = scene.Source.AsSpan().ToArray();
        using var stream = new ScriptedStream(Script.Read(input.AsSpan(1)));
        try
        {
            new Pump(stream).Run(() => scene.SendAsync(stream));
        }
        finally
        {
            var after = SourceState.Load(scene.SenderState).At(Scene.TargetName).Lineage;
            Require(scene.Source.AsSpan().SequenceEqual(content), "a source was written");
            Require(after.Epoch >= before.Epoch, "an epoch went back");
        }
    }
}
