using System.Collections.Concurrent;
using RsyncFs.Errors;

namespace RsyncFs.Targets;

/// <summary>The targets of one receiver, by name. For several threads.</summary>
public sealed class TargetCatalogue : IDisposable
{
    private readonly ConcurrentDictionary<string, Target> _targets;

    /// <summary>Takes over <paramref name="targets"/>, whose names differ.</summary>
    public TargetCatalogue(IEnumerable<Target> targets)
    {
        _targets = new ConcurrentDictionary<string, Target>(
            targets.Select(target => KeyValuePair.Create(target.Name, target)),
            StringComparer.Ordinal
        );
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

    /// <summary>Takes a target over.</summary>
    public void Add(Target target) => _targets[target.Name] = target;

    /// <summary>Forgets the target of that name; it is not given up.</summary>
    public void Remove(string name) => _targets.TryRemove(name, out _);

    /// <summary>Gives all devices up.</summary>
    public void Dispose()
    {
        foreach (var target in _targets.Values)
        {
            target.Dispose();
        }
    }
}
