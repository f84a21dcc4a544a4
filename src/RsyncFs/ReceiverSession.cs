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
    private DigestMap? _map;
    private readonly long _sectorsBefore;
    private bool _hasBegun;
    private bool _hasEnded;
    private ITargetUpdate? _update;
    private DeltaChain? _chain;

    /// <summary>Admits the sender to a target that is leased to this session.</summary>
    /// <exception cref="RefusedException">The target is not for this sender.</exception>
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
        connection.UseFormat(_format);
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
            record?.IsFuzzy ?? false
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
                await SendAsync(_reader.Audit(query, Map), cancellationToken);
                break;
            case DeltaBatch delta:
                await StageAsync(delta, cancellationToken);
                break;
            case Checkpoint checkpoint:
                CheckChain(checkpoint.RecordCount, checkpoint.Chain);
                Flush();
                await SendAsync(checkpoint, cancellationToken);
                break;
            case EndOfDelta end:
                CheckChain(end.RecordCount, end.Chain);
                await SendAsync(Commit(end), cancellationToken);
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

    private async ValueTask BeginAsync(BeginGeneration begin, CancellationToken cancellationToken)
    {
        _hasBegun = true;
        CheckBegin(begin);
        if (begin.Plan == Plan.Compare)
        {
            await PrepareMapAsync(cancellationToken);
        }
        else if (begin.Plan == Plan.Full)
        {
            _map ??= CreateMap();
        }

        if (_purpose == Purpose.Replicate)
        {
            _chain = new DeltaChain(_hasher.Hash);
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

        if (_purpose == Purpose.Replicate && begin.ApplyMode == ApplyMode.Direct == IsConsistent)
        {
            throw new ProtocolException("a whole target is updated by journal, any other in place");
        }

        if (begin.Plan == Plan.Digest && _map is null)
        {
            throw new ProtocolException("plan 'digest' without a map that can be trusted");
        }

        if (_purpose == Purpose.Verify && begin.Plan != Plan.Compare)
        {
            throw new ProtocolException("a session that verifies compares");
        }
    }

    /// <summary>The map of what the device holds: the one that can be trusted, or one made by reading the device.</summary>
    private async ValueTask PrepareMapAsync(CancellationToken cancellationToken)
    {
        if (_map is not null && _purpose != Purpose.Verify)
        {
            return;
        }

        _map?.Dispose();
        _map = CreateMap();
        await _reader.FillAsync(_map, cancellationToken);
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
            _services.Codec,
            new GenerationStart(begin.Generation, begin.Parent, begin.DataTime),
            _evidence
        );
        return begin.ApplyMode == ApplyMode.Direct
            ? new DirectUpdate(context, Map, _resolver)
            : new JournalUpdate(context, Map, _resolver, _target.CreateJournal(_services.NewId()));
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

    private void Flush()
    {
        _connection.Report(SessionPhase.Flush, 0);
        Update.Flush();
    }

    private Applied Commit(EndOfDelta end)
    {
        _hasEnded = true;
        var generation = Update.Commit(
            new GenerationEnd(end.Root, end.IsFuzzy),
            (step, bytes) =>
                _connection.Report(step == UpdateStep.Flush ? SessionPhase.Flush : SessionPhase.Apply, bytes)
        );
        return new Applied(generation, BytesRead, BytesWritten);
    }

    private ValueTask SendAsync(Message message, CancellationToken cancellationToken) =>
        _connection.SendAsync(message, cancellationToken);
}
