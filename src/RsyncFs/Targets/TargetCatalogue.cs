using RsyncFs.Errors;

namespace RsyncFs.Targets;

/// <summary>The targets of one receiver, by name.</summary>
public sealed class TargetCatalogue : IDisposable
{
    private readonly Dictionary<string, Target> _targets;

    /// <summary>Takes over <paramref name="targets"/>, whose names differ.</summary>
    public TargetCatalogue(IEnumerable<Target> targets)
    {
        _targets = targets.ToDictionary(target => target.Name, StringComparer.Ordinal);
    }

    /// <summary>The target of that name.</summary>
    /// <exception cref="RefusedException">There is none.</exception>
    public Target Find(string name) =>
        _targets.TryGetValue(name, out var target)
            ? target
            : throw new RefusedException(ErrorId.TargetUnknown, "the receiver has no target of that name")
            {
                Where = name,
                Hint = "on the receiver: add --target NAME=DEVICE to 'rsyncfs serve'; check the spelling",
            };

    /// <summary>Gives all devices up.</summary>
    public void Dispose()
    {
        foreach (var target in _targets.Values)
        {
            target.Dispose();
        }
    }
}
