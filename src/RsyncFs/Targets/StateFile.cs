using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.State;

namespace RsyncFs.Targets;

/// <summary>
/// The file that says what a target is: two slots of one sector each, far apart, written in turn. Whatever happens
/// while one is written, the other still says what was true before.
/// </summary>
/// <remarks>Slot A at 0, slot B at 1 MiB: never on one flash page or stripe. See <see cref="StateSlot"/>.</remarks>
internal sealed class StateFile : IDisposable
{
    private const string FileName = "state";
    private const string NewName = "state.new";
    private const long SlotDistanceBytes = 1024 * 1024;
    private const int SlotCount = 2;

    private readonly IDurableFile _file;
    private readonly Services? _services;
    private ulong _sequence;

    private StateFile(IDurableFile file, Services? services)
    {
        _file = file;
        _services = services;
    }

    /// <summary>What was last made durable.</summary>
    public TargetRecord Record { get; private set; } = null!;

    /// <summary>Makes the file, both slots with <paramref name="record"/>.</summary>
    /// <exception cref="StateException">There is no state file, or this one.</exception>
    public static StateFile Create(IDurableDirectory directory, TargetRecord record, Services services)
    {
        using (var file = directory.Create(NewName))
        {
            file.Allocate(SlotDistanceBytes + StateSlot.LengthBytes);
            var first = new StateFile(file, services);
            first.WriteBoth(record);
        }

        directory.Rename(NewName, FileName);
        directory.Flush();
        return TryOpen(directory, services)!;
    }

    /// <summary>Opens the file; null if there is none.</summary>
    /// <param name="directory">The target's state directory.</param>
    /// <param name="services">Makes the nonces; null if nothing is to be written.</param>
    /// <exception cref="StateException">There is one, and it can not be read. It is never made anew: only a person can say what the device holds.</exception>
    public static StateFile? TryOpen(IDurableDirectory directory, Services? services)
    {
        if (!directory.Exists(FileName))
        {
            return null;
        }

        var state = new StateFile(directory.Open(FileName), services);
        try
        {
            state.Load();
            return state;
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    /// <summary>Makes <paramref name="record"/> what is durably true.</summary>
    /// <exception cref="StateException">The old or this record is durable; only a new opening tells which.</exception>
    public void Save(TargetRecord record)
    {
        WriteNext(record);
        _file.Flush();
        Record = record;
    }

    /// <summary>As <see cref="Save"/>, in both slots: what a role was changed to must outlive the loss of either.</summary>
    /// <exception cref="StateException">The old or this record is durable; only a new opening tells which.</exception>
    public void SaveInBoth(TargetRecord record)
    {
        // The second only when the first is safe: at any moment one of them is whole.
        Save(record);
        Save(record);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void WriteBoth(TargetRecord record)
    {
        WriteNext(record);
        WriteNext(record);
        _file.Flush();
    }

    private void WriteNext(TargetRecord record)
    {
        // Counted before the write: a number whose write failed may be on the disk, and is not used again.
        _sequence++;
        var slot = StateSlot.Encode(record, _sequence, _services!.NewNumber());
        _file.Write((long)(_sequence % SlotCount) * SlotDistanceBytes, slot);
    }

    private void Load()
    {
        var slot = new byte[StateSlot.LengthBytes];
        var found = false;
        for (var i = 0; i < SlotCount; i++)
        {
            var isWhole = TryRead(i * SlotDistanceBytes, slot, out var record, out var sequence);
            if (isWhole && (!found || sequence > _sequence))
            {
                (Record, _sequence, found) = (record!, sequence, true);
            }
        }

        if (!found)
        {
            throw Damaged("neither of its two slots is whole");
        }
    }

    private bool TryRead(long offsetBytes, byte[] slot, out TargetRecord? record, out ulong sequence)
    {
        (record, sequence) = (null, 0);
        if (_file.LengthBytes < offsetBytes + StateSlot.LengthBytes)
        {
            return false;
        }

        // One that can not be read now may be the newer one, and be read again tomorrow: the other is not believed then.
        _file.Read(offsetBytes, slot);
        try
        {
            if (StateSlot.TryDecode(slot) is not { } decoded)
            {
                return false;
            }

            (record, sequence) = decoded;
            return true;
        }
        catch (InvalidDataException error)
        {
            throw Damaged(error.Message);
        }
    }

    private StateException Damaged(string cause) =>
        new(ErrorId.StateDamaged, "the state of a target can not be read")
        {
            Where = _file.Name,
            Cause = cause,
            Hint =
                "nothing was written; restore the file from a backup; without one move its directory away, and take the "
                + "device in anew: rsyncfs target adopt NAME=DEVICE",
        };
}
