using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Journals;
using RsyncFs.Maps;
using RsyncFs.State;

namespace RsyncFs.Targets;

/// <summary>
/// One target of a receiver: its device, held exclusively from the opening until it is promoted, released or closed,
/// and its durable state. One session, or one person, at a time has it.
/// </summary>
public sealed partial class Target : IDisposable
{
    private const string MapName = "map";
    private const string ScratchName = "scratch-map";

    // Longer, and the snapshot that it is of is not there any more.
    internal static readonly TimeSpan PartialLife = TimeSpan.FromHours(24);

    // Less would hold no delta at all.
    internal const long SmallestJournalBytes = 64 * 1024;

    private readonly IDurableDirectory _directory;
    private readonly Func<IBlockDevice> _openDevice;
    private readonly TargetPolicy _policy;
    private readonly Services _services;
    private IBlockDevice? _device;
    private StateFile? _state;
    private int _isLeased;
    private volatile bool _isUnsettled;

    /// <summary>
    /// Reads the state, takes the device if the state says that it is ours to hold, and settles what an earlier
    /// process left: a committed generation is applied, anything less is dropped.
    /// </summary>
    /// <param name="name">The name by which senders ask for it.</param>
    /// <param name="openDevice">Opens the device, exclusively.</param>
    /// <param name="directory">Its own directory of state files.</param>
    /// <param name="policy">What the receiver's side allows.</param>
    /// <param name="services">What the machine gives.</param>
    /// <exception cref="StateException">The state could not be read. The device was not touched.</exception>
    /// <exception cref="DeviceException">The device can not be had, or not be brought to its committed generation; that stays durable.</exception>
    public Target(
        string name,
        Func<IBlockDevice> openDevice,
        IDurableDirectory directory,
        TargetPolicy policy,
        Services services
    )
    {
        Name = name;
        _openDevice = openDevice;
        _directory = directory;
        _policy = policy;
        _services = services;
        try
        {
            Settle();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The name by which senders ask for it.</summary>
    public string Name { get; private set; }

    /// <summary>The device. Only while <see cref="HoldsDevice"/>.</summary>
    public IBlockDevice Device =>
        _device ?? throw new InvalidOperationException($"the device of {Name} was given up");

    /// <summary>True while the device is open, exclusively.</summary>
    public bool HoldsDevice => _device is not null;

    /// <summary>What it durably is; null if it was never initialised.</summary>
    public TargetRecord? Record => _state?.Record;

    /// <summary>
    /// True while somebody has the target and it is not settled: what an earlier session left is being applied, which
    /// takes as long as its journal is large; or, where a session has it, that is at its commit point.
    /// </summary>
    public bool IsBeingSettled => Volatile.Read(ref _isLeased) != 0 && _isUnsettled;

    /// <summary>The target and its device, as errors name them.</summary>
    public string Where => _device is null ? Name : $"{Name} → {_device.Name}";

    /// <summary>What the machine gives.</summary>
    internal Services Services => _services;

    /// <summary>Decompresses literal bytes.</summary>
    internal BlockCodecs Codecs => _services.Codecs;

    /// <summary>So many writes are under way at once when a journal is applied.</summary>
    internal int WritesUnderWay => _policy.WritesUnderWay;

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

        if (!_isUnsettled)
        {
            return;
        }

        try
        {
            Settle();
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <summary>Takes it back.</summary>
    public void Release() => Interlocked.Exchange(ref _isLeased, 0);

    /// <summary>Decides whether a sender may go on; see <see cref="Admission.Decide"/>.</summary>
    /// <exception cref="RefusedException">It may not; its hint bears the target's name, ready to be pasted.</exception>
    public Admission Admit(AdmissionRequest request)
    {
        try
        {
            var policy = _policy with { JournalLimitBytes = JournalLimitBytes() };
            return Admission.Decide(Record, policy, _device, request);
        }
        catch (RefusedException refusal) when (refusal.Id != ErrorId.AccessDenied)
        {
            throw new RefusedException(refusal.Id, refusal.Message)
            {
                Where = Where,
                Cause = refusal.Cause,
                Hint = Remedies(refusal, request),
            };
        }
    }

    private string? Remedies(RefusedException refusal, AdmissionRequest request)
    {
        var hint = refusal.Hint?.Replace("NAME", _policy.CommandName ?? Name, StringComparison.Ordinal);
        return Admission.RemedyByInit(refusal.Id, _policy, request) is { } byInit
            ? $"{hint}; {byInit}"
            : hint;
    }

    /// <summary>Durably makes <paramref name="record"/> what the target is.</summary>
    /// <exception cref="StateException">The old or the new record is durable; the target takes nobody before it was settled anew.</exception>
    internal void Save(TargetRecord record) => Write(state => state.Save(record), record);

    /// <summary>As <see cref="Save(TargetRecord)"/>, in both slots: a mark that takes trust away must not be lost with one sector.</summary>
    /// <exception cref="StateException">The old or the new record is durable; the target takes nobody before it was settled anew.</exception>
    internal void SaveInBoth(TargetRecord record) => Write(state => state.SaveInBoth(record), record);

    /// <summary>
    /// Durably raises the fence to the epoch of a newer primary that goes on with this volume, before anything of it is
    /// taken: who is older is refused from now on, whatever becomes of the session.
    /// </summary>
    /// <exception cref="StateException">The old or the new record is durable.</exception>
    internal void RaiseEpoch(Volume volume, ulong epoch)
    {
        if (Record is { } record && record.Volume == volume && record.Epoch < epoch)
        {
            var highest = Math.Max(record.HighestEpoch, epoch);
            SaveInBoth(record with { Epoch = epoch, HighestEpoch = highest });
        }
    }

    /// <summary>From here on only the files tell what the target is: it takes nobody before they were read anew, unless the next record is saved.</summary>
    internal void Unsettle() => _isUnsettled = true;

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

    /// <summary>Bytes that a journal begun now may have: what the policy says, and never more than half of the free space or what must stay free.</summary>
    /// <exception cref="StateException">The free space could not be read.</exception>
    internal long JournalLimitBytes()
    {
        var free = FreeForJournal();
        var room = Math.Max(0, Math.Min(free / 2, free - _policy.KeepFreeBytes));
        return Math.Min(_policy.JournalLimitBytes, room);
    }

    /// <summary>A new and empty journal, of at most <paramref name="limitBytes"/>.</summary>
    /// <exception cref="StateException">The file could not be made.</exception>
    /// <exception cref="RefusedException">There is no room for any journal (<see cref="ErrorId.JournalFull"/>).</exception>
    internal Journal CreateJournal(JournalHeader header, long limitBytes) =>
        limitBytes >= SmallestJournalBytes
            ? Journal.Create(_directory, header, limitBytes)
            : throw NoRoomForJournal(limitBytes);

    // What an interrupted delta took already is its own to go on in.
    private long FreeForJournal() => _directory.FreeBytes + Journal.AllocatedBytes(_directory);

    /// <summary>Says which of the three bounds of <see cref="JournalLimitBytes"/> decided, and what helps against that one.</summary>
    private RefusedException NoRoomForJournal(long limitBytes)
    {
        var free = FreeForJournal();
        var (bound, remedy) =
            limitBytes >= _policy.JournalLimitBytes ? ("--journal-limit", "raise --journal-limit")
            : free - _policy.KeepFreeBytes < free / 2
                ? (
                    $"{free} bytes are free there, and {_policy.KeepFreeBytes} of them stay free",
                    "free space there, or lower --keep-free"
                )
            : ($"{free} bytes are free there, and a journal takes at most half of them", "free space there");
        return new RefusedException(ErrorId.JournalFull, "there is no room for a journal")
        {
            Where = _directory.Name,
            Cause = $"it may have {limitBytes} bytes, and needs {SmallestJournalBytes}: {bound}",
            Hint = $"{remedy}; nothing was written, and the target stays at its generation",
        };
    }

    /// <summary>What an interrupted delta left; null if there is nothing that leads on from where the target is.</summary>
    /// <param name="volume">The volume of the session.</param>
    /// <param name="evidence">The device's write evidence now.</param>
    /// <param name="willBeRead">True if the target's content is about to be proven by reading it: then the evidence may be another.</param>
    /// <param name="limitBytes">The journal never grows beyond.</param>
    /// <exception cref="StateException">The file could not be read.</exception>
    internal Journal? OpenPartialJournal(
        Volume volume,
        ChangeEvidence evidence,
        bool willBeRead,
        long limitBytes
    )
    {
        var journal = Journal.TryOpen(_directory, limitBytes);
        if (journal is { CommitRecord: null, Marks.Count: > 0, Header: var header })
        {
            var isYoung = _services.Clock.GetUtcNow() - header.BegunAt is var age && age < PartialLife;
            var isOfThis =
                header.Volume == volume
                && header.LengthBytes == Device.LengthBytes
                && header.Base == (Record?.Generation ?? Guid.Empty)
                && (willBeRead || header.Evidence == evidence);
            if (isYoung && isOfThis)
            {
                return journal;
            }
        }

        journal?.Dispose();
        return null;
    }

    /// <summary>How far an interrupted first copy got, durably; null if there is none to go on with.</summary>
    /// <exception cref="StateException">The file can not be read.</exception>
    internal Watermark? LoadWatermark() =>
        Record is { Status: TargetStatus.Initializing, Pending: { } pending }
        && Watermark.Load(_directory) is { } watermark
        && watermark.Generation == pending.Id
            ? watermark
            : null;

    /// <summary>Durably says how far a first copy got.</summary>
    /// <exception cref="StateException">The old or the new one is durable.</exception>
    internal void Save(Watermark watermark) => watermark.Save(_directory);

    /// <summary>Forgets how far a first copy got.</summary>
    /// <exception cref="StateException">It is still there.</exception>
    internal void DiscardWatermark() => Watermark.Discard(_directory);

    /// <summary>Removes a journal that is of no use any more.</summary>
    /// <exception cref="StateException">It is still there.</exception>
    internal void DiscardJournal() => Journal.Discard(_directory);

    /// <summary>
    /// Durably says that the device is not the generation it should be (C10): only a comparison that reads it makes it
    /// whole again. Then its map is made void, whether the mark could be written or not: either alone keeps the next
    /// session from believing the device unread.
    /// </summary>
    /// <exception cref="StateException">One of the two could not be written; the other is tried all the same.</exception>
    internal void MarkDiverged()
    {
        if (Record is not { Status: TargetStatus.Consistent } record)
        {
            return;
        }

        try
        {
            SaveInBoth(
                record with
                {
                    Status = TargetStatus.Diverged,
                    ChangedAt = _services.Clock.GetUtcNow(),
                }
            );
        }
        finally
        {
            DigestMap.Void(_directory, MapName);
        }
    }

    /// <summary>Gives the device up.</summary>
    public void Dispose()
    {
        GiveUpDevice();
        _state?.Dispose();
        _state = null;
    }

    private void GiveUpDevice()
    {
        _device?.Dispose();
        _device = null;
    }

    private void Write(Action<StateFile> write, TargetRecord first)
    {
        _isUnsettled = true;
        if (_state is null)
        {
            _state = StateFile.Create(_directory, first, _services);
        }
        else
        {
            write(_state);
        }

        _isUnsettled = false;
    }
}
