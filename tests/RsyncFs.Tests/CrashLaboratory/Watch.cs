using RsyncFs.Blocks;
using RsyncFs.Journals;
using RsyncFs.Targets;
using RsyncFs.Tests.Laboratory;

namespace RsyncFs.Tests.CrashLaboratory;

/// <summary>Stands beside a machine, and sees that each operation is one that its durable state allows.</summary>
internal sealed class Watch(Life life)
{
    private const int SampledAfterCrash = 4;

    private readonly SimulatedMachine _machine = life.Machine;
    private readonly bool _isOn = life.Crashes == 0 || life.Chance.OneIn(SampledAfterCrash);
    private long _version = -1;
    private Permission _permission = new(null, null, null);

    /// <summary>Throws if the operation breaks a promise.</summary>
    public void Look(in Operation operation)
    {
        if (!_isOn || life.Ledger.HasRot || life.Ledger.HasForeignWrite)
        {
            return;
        }

        switch (operation.Kind)
        {
            case OperationKind.DeviceWrite or OperationKind.DeviceZero:
                LookAtWrite(operation);
                break;
            case OperationKind.FileWrite
                when operation.Where.StartsWith("state/state", StringComparison.Ordinal):
                LookAtSlot(operation.Data);
                break;
            case OperationKind.Delete or OperationKind.Create when operation.Name is "journal":
                LookAtLossOfJournal();
                break;
        }
    }

    /// <summary>I3, I6, I10: the device is written only as a durable journal, or a durable mark of inconsistency, says.</summary>
    private void LookAtWrite(in Operation operation)
    {
        var (record, journal, generation) = Durable();
        var isMarked = record is { Status: TargetStatus.Initializing or TargetStatus.Direct };
        var isCommitted =
            record is { Status: TargetStatus.Committed, Pending: { } pending } && journal == pending;
        life.Require(
            isMarked || isCommitted,
            "I3",
            $"{operation.ToString()} while durably {record?.Status.ToString() ?? "Empty"}"
                + (record is { Status: TargetStatus.Committed } ? ", and its journal is not durable" : "")
        );
        if (generation is null)
        {
            return;
        }

        var place = generation.Image.AsSpan((int)operation.OffsetBytes, (int)operation.LengthBytes);
        var isRight =
            operation.Kind == OperationKind.DeviceZero
                ? !place.ContainsAnyExcept((byte)0)
                : place.SequenceEqual(operation.Data);
        life.Require(isRight, "I10", $"{operation.ToString()} brings what is not of the new generation");
    }

    /// <summary>The order of flushes: a slot is only written when what it says is durable, so that it may survive at once.</summary>
    private void LookAtSlot(ReadOnlySpan<byte> data)
    {
        if (data.Length != StateSlot.LengthBytes || StateSlot.TryDecode(data) is not { } slot)
        {
            return;
        }

        var record = slot.Record;
        if (record.Status == TargetStatus.Consistent && life.World.Find(record.Generation) is { } generation)
        {
            life.Require(
                _machine.Device.DurableContent.AsSpan().SequenceEqual(generation.Image),
                "I7",
                "the state says Consistent, and the device is not durably that generation"
            );
        }

        if (record is { Status: TargetStatus.Committed, Pending: { } pending })
        {
            life.Require(
                Durable().Journal == pending,
                "commit",
                "the state says Committed, and its journal is not durable"
            );
        }
    }

    /// <summary>I5: a journal that somebody may still need stays.</summary>
    private void LookAtLossOfJournal()
    {
        var (record, journal, _) = Durable();
        life.Require(
            record is not { Status: TargetStatus.Committed, Pending: { } pending } || journal != pending,
            "I5",
            "the journal goes, and the durable state needs it"
        );
    }

    /// <summary>What the state directory durably says now.</summary>
    private Permission Durable()
    {
        var version = _machine.State.DurableVersion;
        if (version == _version)
        {
            return _permission;
        }

        _version = version;
        var durable = _machine.State.DurableCopy();
        var record = durable.Exists("state") ? TargetRecord.Load(durable) : null;
        using var journal = Journal.TryOpen(durable, long.MaxValue);
        var pending = journal?.CommitRecord is null ? null : journal.Pending();
        var generation = record?.Pending is { } next ? life.World.Find(next.Id) : null;
        return _permission = new Permission(record, pending, generation);
    }

    private readonly record struct Permission(
        TargetRecord? Record,
        PendingGeneration? Journal,
        Generation? Generation
    );
}
