using RsyncFs.Blocks;
using RsyncFs.Delta;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Maps;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Sharing;
using RsyncFs.Snapshots;
using RsyncFs.Sources;

namespace RsyncFs;

/// <summary>One cycle of a sender whose target is open: the parts of <see cref="Replicator"/>'s story.</summary>
internal sealed partial class SenderCycle : IDisposable
{
    // Enough to notice gross faults in every cycle; a rare one is found by the full compare.
    private const int AuditSampleCount = 64;

    private readonly ISnapshot _snapshot;
    private readonly DestinationState _state;
    private readonly RemoteTarget _remote;
    private readonly ReplicationOptions _options;
    private readonly Services _services;
    private readonly BlockHasher _hasher;
    private readonly BlockEncoder _encoder;
    private readonly SharedReads? _shared;
    private Scanner? _scanner;
    private DigestMap? _map;
    private DeltaSender? _sender;
    private CyclePlan? _plan;
    private ChangeEvidence? _base;
    private Guid _begun;
    private DeltaCheckpoints? _checkpoints;
    private long _changedBlocks;
    private long _bytesReadToShip;

    public SenderCycle(
        ISnapshot snapshot,
        DestinationState state,
        RemoteTarget remote,
        ReplicationOptions options,
        Services services
    )
    {
        _snapshot = snapshot;
        _state = state;
        _remote = remote;
        _options = options;
        _services = services;
        _hasher = new BlockHasher(remote.Format.Layout, remote.State.Volume.Hash);
        _shared = snapshot.SharedBy(_hasher);
        _encoder = new BlockEncoder(_hasher, remote.CreateCompressor(options, services));
    }

    private bool IsEstimate => _options.Purpose != Purpose.Replicate;

    /// <summary>Whether a copy may be used at all: the target must stand still until the delta is whole (C8).</summary>
    private bool SearchesMovedContent =>
        _options.Match != MatchMode.Aligned && Chosen.Choice.ApplyMode == ApplyMode.Journal;

    /// <summary>The first block that is not in the delta already.</summary>
    private long FirstBlock => Resumed?.FirstBlock ?? 0;

    /// <summary>Reads the source; of a tracked cycle only what may have changed.</summary>
    private Scanner Scanner =>
        _scanner ??= new Scanner(_snapshot.Device, _hasher, _options.Parallelism)
        {
            Only = Chosen.Tracked?.Blocks(),
            Shared = _shared,
            NeedsContent = Chosen.Choice.Plan == Plan.Full,
        };

    private CyclePlan Chosen => _plan ?? throw new InvalidOperationException("no plan was chosen");

    private ResumePoint? Resumed => _plan?.Resumed;

    private DigestMap Map => _map ?? throw new InvalidOperationException("the cycle has not begun");

    private DeltaCheckpoints Checkpoints => _checkpoints ??= CreateCheckpoints();

    private DeltaSender Sender => _sender ?? throw new InvalidOperationException("the cycle has not begun");

    /// <summary>Chooses how the changes are found, and whether an interrupted delta is gone on with; see <see cref="Planner"/>.</summary>
    /// <exception cref="RefusedException">The plan that was asked for is not safe.</exception>
    public PlanChoice ChoosePlan(ISnapshotProvider source)
    {
        _map = IsEstimate ? null : _state.OpenMap(_hasher);
        _base = source.KeepsBase ? _snapshot.Evidence : null;
        _plan = CyclePlan.Choose(source, _snapshot, _state, _remote.State, _options, _hasher, _map?.Sealed);
        return _plan.Choice;
    }

    /// <summary>The message that begins the cycle.</summary>
    public BeginGeneration Begin(PlanChoice choice)
    {
        if (choice.Plan is not (Plan.Digest or Plan.Tracked))
        {
            _map?.Dispose();
            _map = IsEstimate ? _state.CreateScratchMap(_hasher) : _state.CreateMap(_hasher);
        }

        var position = Resumed?.Position ?? default;
        _sender = _remote.CreateSender(new DeltaChain(_hasher.Hash, position), IsEstimate);
        _begun =
            Resumed?.Position.Generation
            ?? (IsEstimate ? Guid.Empty : _shared?.Generation ?? _services.NewId());
        if (!IsEstimate)
        {
            _state.Source.Begun.Add(_begun, _snapshot.Evidence);
        }

        return new BeginGeneration(
            _begun,
            _remote.State.Generation,
            choice.Plan,
            choice.ApplyMode,
            Resumed?.DataTime ?? _snapshot.TakenAt,
            choice.ReadsTarget,
            position,
            FirstBlock
        );
    }

    private async Task<Changes> FindAsync(
        Plan plan,
        SenderSession session,
        CancellationToken cancellationToken
    )
    {
        var finder = new ChangeFinder(Scanner, Map, _remote, session.Report)
        {
            KeepsBase = SearchesMovedContent,
        };
        var changes = plan switch
        {
            Plan.Digest or Plan.Tracked => await finder.FindByDigestAsync(cancellationToken),
            Plan.Compare => await finder.FindByCompareAsync(cancellationToken),
            _ => new Changes(new BlockSet(_hasher.Layout.BlockCount), new BaseSignatures()),
        };
        if (plan != Plan.Full && _remote.State.IsMapTrusted)
        {
            // The receiver did not read its device: what it believes of it is put to the test.
            var sample = SampleOfUnchanged(changes.Blocks);
            if (plan == Plan.Tracked)
            {
                // And so is what the storage said: what it takes for unchanged is read here, too.
                Chosen.Tracked!.Audit(sample, Map);
            }

            await finder.AuditAsync(sample, cancellationToken);
        }

        _changedBlocks = changes.Blocks.Count;
        return changes;
    }

    /// <summary>Bytes of the source that shipping is about, at most.</summary>
    public long BytesToShip(Changes changes) =>
        Chosen.Choice.Plan == Plan.Full
            ? _hasher.Layout.LengthBytes
            : changes.Blocks.Count * _hasher.Layout.BlockSizeBytes;

    /// <summary>Ships what differs, and ships again, whole, what did not prove.</summary>
    /// <exception cref="DeviceException">The source could not be read, or changed.</exception>
    /// <exception cref="LimitReachedException">The budget was used up before all was shipped.</exception>
    public async Task ShipAsync(Changes changes, SenderSession session, CancellationToken cancellationToken)
    {
        Sender.Budget = session.Budget;

        void Report(SessionPhase phase, long doneBytes)
        {
            session.ChangedBytes = Sender.Totals.ChangedBytes;
            session.Compression = _encoder.Compression;
            session.Report(phase, doneBytes);
        }

        if (Chosen.Choice.Plan == Plan.Full)
        {
            var whole = new WholeShipper(Scanner, _hasher, _encoder, Map, _remote, Sender)
            {
                FirstBlock = FirstBlock,
                Checkpoints = Checkpoints,
            };
            await whole.ShipAsync(Report, cancellationToken);
            _changedBlocks = _hasher.Layout.BlockCount;
        }
        else if (changes.Blocks.NextFrom(FirstBlock) >= 0)
        {
            var encoder = CreateEncoder(MovedContentOf(changes), Chosen.Tracked?.Base?.Device);
            var shipper = CreateShipper(encoder);
            await shipper.ShipAsync(changes.Blocks, FirstBlock, askPages: true, Report, cancellationToken);
            _bytesReadToShip += encoder.BytesRead;
        }

        session.Report(SessionPhase.Idle, 0);
        var isWhole = Sender.GoOn();
        if (!IsEstimate && Sender.Chain.RecordCount > 0)
        {
            await ResendAsync(session, cancellationToken);
        }

        if (!isWhole)
        {
            throw await EndAtLimitAsync(changes, session, cancellationToken);
        }
    }

    /// <summary>Ends the delta; on the receiver's word, and only then, the sender's own map becomes that generation's.</summary>
    public async Task<Applied?> CommitAsync(SenderSession session, CancellationToken cancellationToken)
    {
        if (IsEstimate)
        {
            return null;
        }

        session.Report(SessionPhase.Idle, 0);
        var end = new EndOfDelta(
            Sender.Chain.RecordCount,
            Sender.Chain.Value,
            Map.ComputeRoot(),
            _snapshot.IsFuzzy
        );
        var isProposed = Propose(end);
        var applied = await _remote.CommitAsync(end, cancellationToken);
        var isExpected =
            applied.Generation == _begun
            || (end.RecordCount == 0 && applied.Generation == _remote.State.Generation);
        if (!isExpected)
        {
            throw new ProtocolException(
                $"the receiver is at generation {applied.Generation}, which nobody asked for"
            );
        }

        if (Map.Sealed?.Generation != applied.Generation)
        {
            Map.Seal(applied.Generation, evidence: null);
        }

        if (!isProposed)
        {
            ExtendUnions(applied.Generation);
        }

        if (_base is null)
        {
            _state.Source.ForgetBase();
        }

        lock (_state.Source.Gate)
        {
            // Nobody moves the base between the look at it and the word.
            _state.Acknowledge(applied.Generation, Chosen.ReadsBoth ? _snapshot.TakenAt : null, NextBase());
        }

        return applied;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _plan?.Dispose();
        _map?.Dispose();
        if (_sender is not null && !IsEstimate)
        {
            _state.Source.Begun.Remove(_begun, _snapshot.Evidence);
        }
    }

    /// <summary>
    /// Before the delta is ended, durably: from then on the target may become the generation though nobody hears of
    /// it, and the next session must recognise it (C6). An unchanged source proposes nothing.
    /// </summary>
    /// <returns>True if it was proposed.</returns>
    private bool Propose(EndOfDelta end)
    {
        var isNeeded =
            end.RecordCount > 0
            || _remote.State.Status != TargetStatus.Consistent
            || Chosen.Choice.ApplyMode == ApplyMode.Direct;
        if (isNeeded)
        {
            Map.Seal(_begun, evidence: null);
            ExtendUnions(_begun);
            _state.Propose(_begun, NextBase());
        }

        return isNeeded;
    }

    /// <summary>
    /// The snapshot, unless the cycle of another destination has made another one the base meanwhile: the unions reach
    /// up to that, and know nothing of this one. That of a delta that was interrupted may be older than the base: it is
    /// left alone where it serves others.
    /// </summary>
    private ChangeEvidence? NextBase()
    {
        var now = _state.Source.Base;
        var isAnother = now is not null && now.Evidence != _base;
        var isWanted = now != Chosen.From || (Resumed is not null && _state.IsBaseOfOthers);
        return isAnother && isWanted ? null : _base;
    }

    /// <summary>Before the snapshot can become the base: what changed is added to what the other destinations do not have.</summary>
    private void ExtendUnions(Guid generation)
    {
        if (_base is not null && Chosen is { From: { } from, SinceBase: { } changed })
        {
            _state.Source.ExtendUnions(generation, from, _base, changed, _hasher.Layout);
        }
    }

    /// <summary>Where checkpoints are of use; elsewhere they are passed by.</summary>
    private DeltaCheckpoints CreateCheckpoints()
    {
        // In place and compared, what is there is found there the next time, and needs no mark.
        var isOfUse =
            !IsEstimate
            && !_snapshot.IsFuzzy
            && (Chosen.Choice.ApplyMode == ApplyMode.Journal || Chosen.Choice.Plan == Plan.Full);
        var delta = !isOfUse
            ? null
            : new ResumePoint(
                new DeltaPosition(_begun, 0, default),
                _remote.State.Generation,
                FirstBlock,
                Chosen.Choice.Plan,
                Resumed?.DataTime ?? _snapshot.TakenAt,
                _snapshot.Evidence
            );
        return new DeltaCheckpoints(_remote, Sender, _state, _options.CheckpointBytes, delta);
    }

    private async Task ResendAsync(SenderSession session, CancellationToken cancellationToken)
    {
        var refused = await _remote.SettleAsync(Sender.Chain, cancellationToken);
        if (refused.Count == 0)
        {
            return;
        }

        var encoder = CreateEncoder(moved: null, @base: null);
        await CreateShipper(encoder)
            .ShipAsync(refused, firstBlock: 0, askPages: false, session.Report, cancellationToken);
        _bytesReadToShip += encoder.BytesRead;
        refused = await _remote.SettleAsync(Sender.Chain, cancellationToken);
        if (refused.Count > 0)
        {
            throw new ProtocolException($"the receiver refused {refused.Count} blocks that came whole");
        }
    }

    private ChangeEncoder CreateEncoder(MovedContent? moved, IBlockDevice? @base) =>
        new(_shared?.Content ?? _snapshot.Device, _hasher, _encoder, moved)
        {
            SourceIsInUse = _snapshot.IsFuzzy,
            Base = @base,
            SendsPatches = Chosen.Choice.ApplyMode == ApplyMode.Journal,
        };

    private ChangeShipper CreateShipper(ChangeEncoder encoder) =>
        new(_hasher, encoder, Map, _remote, Sender)
        {
            ThreadCount = _options.Parallelism,
            Checkpoints = Checkpoints,
        };

    private MovedContent? MovedContentOf(Changes changes)
    {
        if (!SearchesMovedContent)
        {
            return null;
        }

        var budget = _options.Match == MatchMode.Rolling ? SearchBudget.Always() : SearchBudget.Adaptive();
        return new MovedContent(budget, () => TargetIndex.Build(_hasher, Map, changes));
    }

    private List<long> SampleOfUnchanged(BlockSet changed)
    {
        var sample = new SortedSet<long>();
        for (var i = 0; i < AuditSampleCount && _hasher.Layout.BlockCount > 0; i++)
        {
            var block = (long)(_services.NewNumber() % (ulong)_hasher.Layout.BlockCount);
            if (!changed.Contains(block))
            {
                sample.Add(block);
            }
        }

        return [.. sample];
    }
}
