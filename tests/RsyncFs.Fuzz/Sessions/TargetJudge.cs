using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Targets;

namespace RsyncFs.Fuzz.Sessions;

/// <summary>
/// What must hold of a receiver's target, whoever was there: it is what its state says, which is what it was before or
/// one whole generation that some honest sender has; and a receiver that is started anew finds it so.
/// </summary>
internal sealed class TargetJudge
{
    private static readonly string[] s_files =
    [
        "device",
        "journal",
        "map",
        "scratch-map",
        "state",
        "state.new",
        "watermark",
        "watermark.new",
    ];

    private readonly Scene _scene;
    private readonly TargetRecord? _before;
    private readonly byte[] _content;

    /// <summary>Looks at <paramref name="scene"/> before the session.</summary>
    public TargetJudge(Scene scene)
    {
        _scene = scene;
        _before = TargetRecord.Load(scene.ReceiverState);
        _content = [.. scene.Target];
    }

    /// <summary>What the target was before the session.</summary>
    public TargetRecord? Before => _before;

    /// <summary>Looks at it after the session; gives what the target is.</summary>
    /// <exception cref="FindingException">Something does not hold.</exception>
    public TargetRecord? Judge()
    {
        TargetRecord? after;
        TargetRecord? restarted;
        try
        {
            after = TargetRecord.Load(_scene.ReceiverState);
            Check(after);
            restarted = _scene.Restart();
        }
        catch (RsyncFsException failure)
        {
            throw new FindingException($"the state of the target can not be used: {failure.Message}");
        }

        Check(restarted);
        Require(Equals(after, restarted), "a restart makes something else of the target");
        return after;
    }

    private void Check(TargetRecord? after)
    {
        Require(
            _scene.ReceiverState.List().All(name => s_files.Contains(name, StringComparer.Ordinal)),
            "a file that is none of a target's"
        );
        if (after is null)
        {
            Require(_before is null, "the state of the target is gone");
            Require(IsContent(_content), "a target was written, and there is no state that says so");
            return;
        }

        Require(
            after.Status is TargetStatus.Initializing or TargetStatus.Direct or TargetStatus.Consistent,
            $"a target whose device never failed is {after.Status}"
        );
        Require(
            after.Epoch <= ConnectRules.HighestEpochOf(_before) + SourceLineage.MaxEpochStep,
            "an epoch that no promotes can bring was taken"
        );
        if (after.Status == TargetStatus.Consistent)
        {
            CheckWhole(after);
        }
        else
        {
            Require(_before?.Status != TargetStatus.Consistent, $"a whole target became {after.Status}");
        }
    }

    private void CheckWhole(TargetRecord after)
    {
        Require(
            _scene.ComputeRoot(after.Volume!) == after.Root,
            "a target that is called consistent is not its generation"
        );
        Require(
            IsContent(_content) || Scenes.All.Any(scene => IsContent(scene.Source)),
            "a target that is called consistent is nobody's generation"
        );
        if (_before?.Status != TargetStatus.Consistent)
        {
            return;
        }

        Require(
            after.Generation != _before.Generation || IsContent(_content),
            "a target was written, and its state does not say so"
        );
        Require(
            after.Generation == _before.Generation
                || (after.Ancestors.Count > 0 && after.Ancestors[0] == _before.Generation),
            "a generation whose parent is not where the target was"
        );
    }

    private bool IsContent(byte[] bytes) => _scene.Target.AsSpan().SequenceEqual(bytes);

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new FindingException(problem);
        }
    }
}
