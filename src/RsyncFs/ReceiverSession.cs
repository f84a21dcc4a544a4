using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Targets;

namespace RsyncFs;

/// <summary>One session on one target: what the receiver answers to each message. Messages are dealt with one at a time, in order.</summary>
internal sealed class ReceiverSession : IDisposable
{
    private readonly Connection _connection;
    private readonly Target _target;
    private readonly Purpose _purpose;
    private readonly Services _services;
    private readonly Admission _admission;
    private readonly BlockHasher _hasher;
    private readonly SessionFormat _format;
    private readonly ChangeEvidence _evidence;
    private readonly TargetReader _reader;
    private readonly BlockResolver _resolver;
    private readonly long _journalLimitBytes;
    private DigestMap? _map;
    private Journal? _partial;
    private readonly long _sectorsBefore;
    private bool _hasBegun;
    private bool _hasEnded;
    private ITargetUpdate? _update;
    private DeltaChain? _chain;

    /// <summary>Admits the sender to a target that is leased to this session.</summary>
    /// <exception cref="RefusedException">The target is not for this sender, or is not what it should be.</exception>
    public ReceiverSession(Connection connection, Target target, OpenTarget open, Services services)
    {
        _connection = connection;
        _target = target;
        _purpose = open.Purpose;
        _services = services;
        _admission = Admit(target, open);
        var layout = new BlockLayout(target.Device.LengthBytes, _admission.Volume.BlockSizeBytes);
        _hasher = new BlockHasher(layout, _admission.Volume.Hash);
        _format = new SessionFormat(layout, _hasher.Hash.DigestLength);
        _evidence = target.Device.ReadEvidence();
        _sectorsBefore = target.Device.SectorsWritten;
        _map = IsOwnVolume && IsConsistent ? target.OpenTrustedMap(_hasher) : null;
        _reader = new TargetReader(target.Device, _hasher, connection.Report);
        _resolver = new BlockResolver(target.Device, _hasher, services.Codec);
        _journalLimitBytes = target.JournalLimitBytes();
        connection.UseFormat(_format);
        try
        {
            EnsureMapIsTrue();
            OpenPartial();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Bytes read from the target in this session.</summary>
    public long BytesRead => _reader.BytesRead + _resolver.BytesRead;

    private long BytesWritten =>
        (_target.Device.SectorsWritten - _sectorsBefore) * DeviceRange.SectorSizeBytes;

    private bool IsOwnVolume => _target.Record?.Volume == _admission.Volume;

    private bool IsConsistent => _admission.Status == TargetStatus.Consistent;

    /// <summary>What the target is.</summary>
    public TargetState Describe()
    {
        var record = IsConsistent ? _target.Record : null;
        return new TargetState(
            _admission.Status,
            _admission.Volume,
            record?.Generation ?? Guid.Empty,
            record?.Root ?? default,
            _map is not null,
            record?.DataTime ?? DateTimeOffset.UnixEpoch,
            record?.IsFuzzy ?? false,
            _admission.Epoch,
            _admission.Mode,
            Partial
        );
    }

    /// <summary>Deals with one message.</summary>
    /// <exception cref="ProtocolException">It is out of turn, or wrong.</exception>
    /// <exception cref="RsyncFsException">Something failed at this end; the error says in what state it left the target.</exception>
    public async ValueTask AnswerAsync(Message message, CancellationToken cancellationToken)
    {
        if (_hasEnded || message is BeginGeneration == _hasBegun)
        {
            throw new ProtocolException($"{message.GetType().Name} out of turn");
        }

        switch (message)
        {
            case BeginGeneration begin:
                await BeginAsync(begin, cancellationToken);
                break;
            case SignatureQuery query:
                await AnswerSignaturesAsync(query, cancellationToken);
                break;
            case PageQuery query:
                await SendAsync(_reader.HashPages(query, cancellationToken), cancellationToken);
                break;
            case AuditQuery query:
                await AuditAsync(query, cancellationToken);
                break;
            case DeltaBatch delta:
                await StageAsync(delta, cancellationToken);
                break;
            case Checkpoint checkpoint:
                CheckChain(checkpoint.RecordCount, checkpoint.Chain);
                MarkCheckpoint(checkpoint);
                await SendAsync(checkpoint, cancellationToken);
                break;
            case EndOfDelta end:
                CheckChain(end.RecordCount, end.Chain);
                await CommitAsync(end, cancellationToken);
                break;
            default:
                throw new ProtocolException($"{message.GetType().Name} out of turn");
        }

        _connection.Report(SessionPhase.Idle, 0);
    }

    /// <summary>What the session did, for the log.</summary>
    public SessionReport Report(string senderNode) =>
        new(
            _target.Name,
            _purpose,
            senderNode,
            _target.Record?.Generation ?? Guid.Empty,
            BytesRead,
            BytesWritten
        );

    /// <summary>Makes sure that the sender may say goodbye: not in the middle of a delta.</summary>
    /// <exception cref="ProtocolException">The delta has not ended. Nothing of it was made a generation.</exception>
    public void CheckEnd()
    {
        if (_update is not null && !_hasEnded)
        {
            throw new ProtocolException("goodbye in the middle of a delta");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _update?.Dispose();
        _partial?.Dispose();
        _map?.Dispose();
    }

    private ITargetUpdate Update =>
        _update ?? throw new ProtocolException("a delta in a session that writes nothing");

    private DigestMap Map => _map ?? throw new ProtocolException("a question that the plan does not allow");

    private static Admission Admit(Target target, OpenTarget open)
    {
        try
        {
            var isVerify = open.Purpose == Purpose.Verify;
            return target.Admit(
                new AdmissionRequest(open.LengthBytes, open.Volume, open.IsNewVolume, isVerify)
            );
        }
        catch (RefusedException refusal) when (refusal.Where is null)
        {
            throw new RefusedException(refusal.Id, refusal.Message)
            {
                Where = target.Where,
                Cause = refusal.Cause,
                Hint = refusal.Hint,
            };
        }
    }

    /// <summary>How far an interrupted delta got here; the journal that holds it stays open for the sender to go on with.</summary>
    private DeltaPosition Partial
    {
        get
        {
            if (_partial is { Header.Generation: var generation, Marks: [.., var last] })
            {
                return new DeltaPosition(generation, last.RecordCount, last.Chain);
            }

            return _purpose == Purpose.Replicate && IsOwnVolume && _target.LoadWatermark() is { } watermark
                ? new DeltaPosition(watermark.Generation, watermark.RecordCount, watermark.Chain)
                : default;
        }
    }

    /// <summary>What is believed without reading is put to the test at both ends of the device, each time it is opened.</summary>
    private void EnsureMapIsTrue()
    {
        if (_map is not null && !_reader.EndsAreAs(_map))
        {
            throw Diverged(
                "its first or last MiB is not what the digest map says, though the system counted no other writes"
            );
        }
    }

    private void OpenPartial()
    {
        if (_purpose == Purpose.Replicate && _admission.Mode == ApplyMode.Journal && IsOwnVolume)
        {
            // Where the device is going to be read, its content proves more than any counter.
            var willBeRead = IsConsistent && _map is null;
            _partial = _target.OpenPartialJournal(
                _admission.Volume,
                _evidence,
                willBeRead,
                _journalLimitBytes
            );
        }
    }

    private async ValueTask BeginAsync(BeginGeneration begin, CancellationToken cancellationToken)
    {
        _hasBegun = true;
        CheckBegin(begin);
        if (begin.Plan == Plan.Compare)
        {
            await PrepareMapAsync(begin.ReadsTarget, cancellationToken);
        }
        else if (begin.Plan == Plan.Full)
        {
            _map ??= CreateMap();
            if (begin.ApplyMode == ApplyMode.Direct)
            {
                // What an interrupted first copy left is not sent again, but is proven with the rest.
                await _reader.FillAsync(_map, begin.FirstBlock, cancellationToken);
            }
        }

        if (_purpose == Purpose.Replicate)
        {
            _chain = new DeltaChain(_hasher.Hash, begin.Resumed);
            _update = CreateUpdate(begin);
            await _connection.GrantAsync(ProtocolLimits.InitialCreditBytes, cancellationToken);
        }

        if (begin.Plan == Plan.Compare)
        {
            await SendGroupDigestsAsync(cancellationToken);
        }
    }

    private void CheckBegin(BeginGeneration begin)
    {
        var record = IsConsistent ? _target.Record : null;
        if (begin.Parent != (record?.Generation ?? Guid.Empty))
        {
            throw new ProtocolException("the parent of the new generation is not what the target is at");
        }

        if (_purpose == Purpose.Replicate && begin.ApplyMode != _admission.Mode)
        {
            throw new ProtocolException($"the target takes this delta by {_admission.Mode} alone");
        }

        if (begin.Plan == Plan.Digest && _map is null)
        {
            throw new ProtocolException("plan 'digest' without a map that can be trusted");
        }

        if (_purpose == Purpose.Verify && begin.Plan != Plan.Compare)
        {
            throw new ProtocolException("a session that verifies compares");
        }

        var isKnown = begin.Resumed.IsNone || begin.Resumed.RecordCount <= Partial.RecordCount;
        if (!isKnown || (!begin.Resumed.IsNone && begin.Resumed.Generation != Partial.Generation))
        {
            throw new ProtocolException("a delta is gone on with of which there is nothing here");
        }
    }

    /// <summary>The map of what the device holds: the one that can be trusted, or one made by reading the device.</summary>
    private async ValueTask PrepareMapAsync(bool readsTarget, CancellationToken cancellationToken)
    {
        if (_map is not null && _purpose != Purpose.Verify && !readsTarget)
        {
            return;
        }

        _map?.Dispose();
        _map = CreateMap();
        await _reader.FillAsync(_map, _hasher.Layout.BlockCount, cancellationToken);
        if (IsOwnVolume && IsConsistent && _map.ComputeRoot() != _target.Record!.Root)
        {
            throw Diverged("all of it was read, and its root digest is not that of its generation");
        }
    }

    /// <summary>The target is not the generation that it should be: that is its state from now on, whatever becomes of this session (C10).</summary>
    private RsyncFsException Diverged(string cause)
    {
        _target.MarkDiverged();
        return new RsyncFsException(ErrorId.TargetDiverged, "the target is not the generation it should be")
        {
            Where = _target.Where,
            Cause = cause,
            Hint =
                "it was written by somebody else, or the device is failing: find out; the next run compares all of it and mends it",
        };
    }

    // A session that writes nothing leaves the target's own map as it is, whatever becomes of the session.
    private DigestMap CreateMap() =>
        _purpose == Purpose.Replicate ? _target.CreateMap(_hasher) : _target.CreateScratchMap(_hasher);

    private ITargetUpdate CreateUpdate(BeginGeneration begin)
    {
        var context = new UpdateContext(
            _target,
            _admission.Volume,
            _hasher,
            _admission.Epoch,
            new GenerationStart(begin.Generation, begin.Parent, begin.DataTime),
            _evidence
        );
        return begin.ApplyMode == ApplyMode.Direct
            ? new DirectUpdate(context, Map, _resolver)
            : new JournalUpdate(context, Map, _resolver, TakePartial(begin.Resumed), _journalLimitBytes);
    }

    /// <summary>The journal that is gone on with, cut where the sender begins; null if the delta begins anew.</summary>
    private Journal? TakePartial(DeltaPosition resumed)
    {
        var partial = _partial;
        _partial = null;
        if (partial is null || resumed.IsNone)
        {
            partial?.Dispose();
            _target.DiscardJournal();
            return null;
        }

        foreach (var mark in partial.Marks)
        {
            if (mark.RecordCount == resumed.RecordCount && mark.Chain == resumed.Chain)
            {
                partial.GoBackTo(mark);
                return partial;
            }
        }

        partial.Dispose();
        throw new ProtocolException("a delta is gone on with from a place that was never durable here");
    }

    private async ValueTask SendGroupDigestsAsync(CancellationToken cancellationToken)
    {
        Map.FinishGroups();
        var digests = Map.GroupDigests;
        var groupCount = _hasher.Layout.GroupCount;
        for (var first = 0L; first < groupCount; first += ProtocolLimits.GroupDigestCount)
        {
            var count = (int)Math.Min(ProtocolLimits.GroupDigestCount, groupCount - first);
            var part = digests.Slice((int)first * _format.DigestLength, count * _format.DigestLength);
            await SendAsync(new GroupDigests(first, part), cancellationToken);
        }
    }

    private async ValueTask AnswerSignaturesAsync(SignatureQuery query, CancellationToken cancellationToken)
    {
        for (var group = query.FirstGroup; group < query.FirstGroup + query.GroupCount; group++)
        {
            await SendAsync(new Signatures(group, Map.ReadGroup(group)), cancellationToken);
        }
    }

    private async ValueTask StageAsync(DeltaBatch delta, CancellationToken cancellationToken)
    {
        var update = Update;
        foreach (var record in delta.Records)
        {
            _chain!.Add(record);
            if (!update.Stage(record))
            {
                await SendAsync(new BlockRefused(record.FirstBlock), cancellationToken);
            }

            _connection.Report(SessionPhase.Transfer, _chain.RecordCount);
        }

        await _connection.GrantAgainAsync(delta, cancellationToken);
    }

    private void CheckChain(long recordCount, Digest chain)
    {
        _ = Update;
        if (recordCount != _chain!.RecordCount || chain != _chain.Value)
        {
            throw new ProtocolException(
                $"the sender sent {recordCount} records, and {_chain.RecordCount} came, or others"
            );
        }
    }

    private void MarkCheckpoint(Checkpoint checkpoint)
    {
        if (checkpoint.IsDurable)
        {
            _connection.Report(SessionPhase.Flush, 0);
            Update.Checkpoint(checkpoint.RecordCount, checkpoint.Chain);
        }
    }

    private async ValueTask AuditAsync(AuditQuery query, CancellationToken cancellationToken)
    {
        var (answer, isAsExpected) = _reader.Audit(query, Map);
        if (!isAsExpected)
        {
            Map.BreakSeal();
            _target.MarkDiverged();
        }

        await SendAsync(answer, cancellationToken);
    }

    private async ValueTask CommitAsync(EndOfDelta end, CancellationToken cancellationToken)
    {
        _hasEnded = true;
        var generation = Guid.Empty;
        var isCommitted = Update.MakeDurable(new GenerationEnd(end.Root, end.IsFuzzy), Report);
        try
        {
            if (isCommitted)
            {
                await SendAsync(new Durable(_target.Record!.Pending!.Id), cancellationToken);
            }
        }
        finally
        {
            // Behind the commit point the sender is not needed any more, and may be gone.
            generation = Update.Apply(Report);
        }

        await SendAsync(new Applied(generation, BytesRead, BytesWritten), cancellationToken);
    }

    private void Report(UpdateStep step, long bytes) =>
        _connection.Report(step == UpdateStep.Flush ? SessionPhase.Flush : SessionPhase.Apply, bytes);

    private ValueTask SendAsync(Message message, CancellationToken cancellationToken) =>
        _connection.SendAsync(message, cancellationToken);
}
