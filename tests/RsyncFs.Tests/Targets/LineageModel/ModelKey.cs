using System.Globalization;
using System.Text;
using RsyncFs.Targets;

namespace RsyncFs.Tests.Targets.LineageModel;

/// <summary>
/// A text that two worlds have in common exactly if everything that can happen to the one can happen to the other:
/// ids are numbered in the order in which they are met, and a write is told by where it is held.
/// </summary>
internal sealed class ModelKey
{
    private readonly StringBuilder _text = new();
    private readonly List<Guid> _ids = [];
    private readonly ModelWorld _world;

    private ModelKey(ModelWorld world)
    {
        _world = world;
    }

    /// <summary>The text of <paramref name="world"/>.</summary>
    public static string Of(ModelWorld world)
    {
        var key = new ModelKey(world);
        key.Add(world.A);
        key.Add(world.B);
        key.AddContents();
        return key._text.ToString();
    }

    private void Add(ModelNode node)
    {
        Add(node.Target);
        Add(node.Sender);
        for (var backup = node.Backups; backup is not null; backup = backup.Older)
        {
            Add(backup.State);
        }

        Add((node.IsInUse ? 1UL : 0) + (node.IsProtected ? 2UL : 0));
        Add(node.FollowedEpoch);
        _text.Append('|');
    }

    private void Add(TargetRecord? record)
    {
        if (record is null)
        {
            _text.Append('-');
            return;
        }

        Add((ulong)record.Status);
        Add(record.Volume?.Id ?? Guid.Empty);
        Add(record.Epoch);
        Add(record.ReplicaEpoch);
        Add(record.HighestEpoch);
        Add(record.Generation);
        Add(record.Ancestors);
    }

    private void Add(ModelSender? sender)
    {
        if (sender is null)
        {
            _text.Append('-');
            return;
        }

        Add(sender.IsRetired ? 1UL : 0);
        Add(sender.Volume.Id);
        Add(sender.Epoch);
        Add(sender.Cursor);
        Add(sender.Proposed);
        Add(sender.Ancestors);
    }

    private void Add(IReadOnlyList<Guid> ids)
    {
        _text.Append('[');
        foreach (var id in ids)
        {
            Add(id);
        }

        _text.Append(']');
    }

    private void Add(Guid id)
    {
        var number = id == Guid.Empty ? -1 : _ids.IndexOf(id);
        if (number < 0 && id != Guid.Empty)
        {
            number = _ids.Count;
            _ids.Add(id);
        }

        Add((ulong)(number + 1));
    }

    private void Add(ulong number) => _text.Append(CultureInfo.InvariantCulture, $"{number},");

    /// <summary>Of writes that are in the same contents, one stands for all: every rule is about sets.</summary>
    private void AddContents()
    {
        ulong[] contents =
        [
            _world.A.Content,
            _world.B.Content,
            _world.A.Discardable,
            _world.B.Discardable,
            _world.A.Received,
            _world.B.Received,
            _world.Garbage,
            .. _ids.Select(id => _world.Generations.GetValueOrDefault(id)),
        ];
        var kinds = new SortedSet<ulong>();
        for (var write = 0; write < _world.WriteCount; write++)
        {
            var kind = 0UL;
            for (var i = 0; i < contents.Length; i++)
            {
                kind |= ((contents[i] >> write) & 1) << i;
            }

            kinds.Add(kind);
        }

        kinds.Remove(0);
        foreach (var kind in kinds)
        {
            Add(kind);
        }
    }
}
