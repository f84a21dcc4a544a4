using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;

namespace RsyncFs.Targets;

/// <summary>
/// One target of a receiver: its device, held exclusively from the opening to the end, and its durable state. One
/// session at a time has it.
/// </summary>
public sealed class Target : IDisposable
{
    private const string MapName = "map";
    private const string ScratchName = "scratch-map";

    private readonly IDurableDirectory _directory;
    private readonly TargetPolicy _policy;
    private int _isLeased;

    /// <summary>Takes over <paramref name="device"/>, reads the state and removes what an earlier process left half done.</summary>
    /// <param name="name">The name by which senders ask for it.</param>
    /// <param name="device">The device; disposed with the target.</param>
    /// <param name="directory">Its own directory of state files.</param>
    /// <param name="policy">What the receiver's side allows.</param>
    /// <exception cref="StateException">The state could not be read. The device was not touched.</exception>
    public Target(string name, IBlockDevice device, IDurableDirectory directory, TargetPolicy policy)
    {
        Name = name;
        Device = device;
        _directory = directory;
        _policy = policy;
        Journal.Discard(directory);
        Record = TargetRecord.Load(directory);
    }

    /// <summary>The name by which senders ask for it.</summary>
    public string Name { get; }

    /// <summary>The device.</summary>
    public IBlockDevice Device { get; }

    /// <summary>What it durably is; null if it was never initialised.</summary>
    public TargetRecord? Record { get; private set; }

    /// <summary>The target and its device, as errors name them.</summary>
    public string Where => $"{Name} → {Device.Name}";

    /// <summary>Gives the target to one session.</summary>
    /// <exception cref="RefusedException">Another session has it.</exception>
    public void Lease()
    {
        if (Interlocked.CompareExchange(ref _isLeased, 1, 0) != 0)
        {
            throw new RefusedException(ErrorId.TargetBusy, "another sender is at work on the target")
            {
                Where = Where,
                Hint = "try again when it has ended; a sender that died lets go within 30 s",
            };
        }
    }

    /// <summary>Takes it back.</summary>
    public void Release() => Interlocked.Exchange(ref _isLeased, 0);

    /// <summary>Decides whether a sender may go on; see <see cref="Admission.Decide"/>.</summary>
    /// <exception cref="RefusedException">It may not.</exception>
    public Admission Admit(AdmissionRequest request) => Admission.Decide(Record, _policy, Device, request);

    /// <summary>Durably makes <paramref name="record"/> what the target is.</summary>
    /// <exception cref="StateException">The old or the new record is durable; the next opening tells which.</exception>
    internal void Save(TargetRecord record)
    {
        record.Save(_directory);
        Record = record;
    }

    /// <summary>
    /// The digest map of the generation that the target is at, if it may be believed: it is sealed, of that
    /// generation, and nobody else wrote the device since. Else null: the device must be read.
    /// </summary>
    /// <exception cref="StateException">The map could not be read.</exception>
    internal DigestMap? OpenTrustedMap(BlockHasher hasher)
    {
        if (Record is not { Status: TargetStatus.Consistent })
        {
            return null;
        }

        var map = DigestMap.TryOpen(_directory, MapName, hasher);
        if (map?.Sealed is { } seal && seal.Generation == Record.Generation && seal.Root == Record.Root)
        {
            if (seal.Evidence == Device.ReadEvidence())
            {
                return map;
            }
        }

        map?.Dispose();
        return null;
    }

    /// <summary>A new and empty map in place of whatever there was.</summary>
    /// <exception cref="StateException">The file could not be made.</exception>
    internal DigestMap CreateMap(BlockHasher hasher) => DigestMap.Create(_directory, MapName, hasher);

    /// <summary>A new and empty map that is only there while it is open, for a session that writes nothing.</summary>
    /// <exception cref="StateException">The file could not be made.</exception>
    internal DigestMap CreateScratchMap(BlockHasher hasher) =>
        DigestMap.CreateScratch(_directory, ScratchName, hasher);

    /// <summary>A new and empty journal.</summary>
    /// <exception cref="StateException">The file could not be made.</exception>
    internal Journal CreateJournal(Guid transaction) => new(_directory, transaction);

    /// <summary>Gives the device up.</summary>
    public void Dispose() => Device.Dispose();
}
