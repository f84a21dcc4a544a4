using RsyncFs.Blocks;
using RsyncFs.Devices;
using RsyncFs.Errors;
using RsyncFs.Journals;
using RsyncFs.Maps;
using RsyncFs.Protocol;
using RsyncFs.Protocol.Messages;
using RsyncFs.Targets;
using RsyncFs.Updates;

namespace RsyncFs;

/// <summary>One session on one target: what the receiver answers to each message. Messages are dealt with one at a time, in order.</summary>
internal sealed partial class ReceiverSession : IDisposable
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
    private readonly TargetMap _map;
    private readonly InterruptedDelta _interrupted;
    private readonly long _sectorsBefore;
    private bool _hasBegun;
    private bool _hasEnded;
    private ITargetUpdate? _update;
    private DeltaChain? _chain;

    /// <summary>Admits the sender to a target that is leased to this session.</summary>
    /// <exception cref="RefusedException">The target is not for this sender, or is not what it should be.</exception>
    public ReceiverSession(
        Connection connection,
        Target target,
        OpenTarget open,
        RefusedException? initRefusal,
        Services services
    )
    {
        _connection = connection;
        _target = target;
        _purpose = open.Purpose;
        _services = services;
        _admission = target.Admit(
            new AdmissionRequest(
                open.Shape,
                open.Volume,
                open.IsNewVolume,
                WritesNothing: _purpose == Purpose.Verify
            )
            {
                Lineage = open.Lineage,
                InitRefusal = initRefusal,
            }
        );
        var layout = new BlockLayout(target.Device.LengthBytes, _admission.Volume.BlockSizeBytes);
        if (layout.GroupCount > BlockLayout.MaxGroupCount)
        {
            throw new ProtocolException(
                $"blocks of {layout.BlockSizeBytes} bytes are too small for the target"
            );
        }

        _hasher = new BlockHasher(layout, _admission.Volume.Hash);
        _format = new SessionFormat(layout, _hasher.Hash.DigestLength);
        _evidence = target.Device.ReadEvidence();
        _sectorsBefore = target.Device.SectorsWritten;
        _reader = new TargetReader(target.Device, _hasher, connection.Report);
        _resolver = new BlockResolver(target.Device, _hasher, services.Codecs);
        _journalLimitBytes = target.JournalLimitBytes();
        connection.UseFormat(_format);
        var isWhole = IsOwnVolume && IsConsistent;
        _map = new TargetMap(target, _hasher, _reader, isWhole, _purpose == Purpose.Replicate);
        try
        {
            _interrupted =
                _purpose == Purpose.Replicate && IsOwnVolume && _admission.Status != TargetStatus.Empty
                    ? InterruptedDelta.Open(target, FindPartialJournal)
                    : InterruptedDelta.None(target);
        }
        catch
        {
            _map.Dispose();
            throw;
        }
    }

    /// <summary>What the sender was told that this end decodes; raw bytes and LZ4 if it was told nothing.</summary>
    public CodecSet AgreedCodecs { get; init; } = CodecSet.Lz4;

    /// <summary>True if the sender needs its right to make a first copy as long as this runs.</summary>
    public bool NeedsInit => _admission.NeedsInit;

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
            _map.IsTrusted,
            record?.DataTime ?? DateTimeOffset.UnixEpoch,
            record?.IsFuzzy ?? false,
            _admission.Epoch,
            _admission.Mode,
            _interrupted.Position
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
                await SendAsync(_map.Audit(query), cancellationToken);
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

    /// <inheritdoc/>
    public void Dispose()
    {
        _update?.Dispose();
        _interrupted.Dispose();
        _map.Dispose();
    }

    private ITargetUpdate Update =>
        _update ?? throw new ProtocolException("a delta in a session that writes nothing");

    private DigestMap Map => _map.Map;

    private Journal? FindPartialJournal() =>
        // What was staged on a target that is not proven may have been proven against something else (C10).
        _admission.Mode == ApplyMode.Journal
        && IsConsistent
            ? _target.OpenPartialJournal(
                _admission.Volume,
                _evidence,
                willBeRead: !_map.IsTrusted,
                _journalLimitBytes
            )
            : null;

    private async ValueTask BeginAsync(BeginGeneration begin, CancellationToken cancellationToken)
    {
        _hasBegun = true;
        CheckBegin(begin);
        if (_purpose == Purpose.Replicate)
        {
            // Before the target is read: however that ends, who is older has no business here any more.
            _target.RaiseEpoch(_admission.Volume, _admission.Epoch);
        }

        if (begin.Plan == Plan.Compare)
        {
            var readsTarget = begin.ReadsTarget || _purpose == Purpose.Verify;
            await _map.PrepareAsync(readsTarget, cancellationToken);
        }
        else if (begin.Plan == Plan.Full)
        {
            await _map.PrepareForWholeAsync(begin.FirstBlock, cancellationToken);
        }

        if (_purpose == Purpose.Replicate)
        {
            _chain = new DeltaChain(_hasher.Hash, begin.Resumed);
            _durableCount = begin.Resumed.RecordCount;
            _connection.Report(SessionPhase.Idle, 0);
            _resolver.TakesPatches = begin.Plan == Plan.Tracked;
            if (begin.ApplyMode == ApplyMode.Direct)
            {
                await Writes.BeginAsync(begin.Generation, cancellationToken);
            }

            _generation = begin.Generation;
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

        var isOld = begin.Generation == Guid.Empty || _target.Record?.WasAt(begin.Generation) == true;
        if (_purpose == Purpose.Replicate && isOld)
        {
            throw new ProtocolException($"generation {begin.Generation:N} is no new one");
        }

        if (_purpose == Purpose.Replicate && begin.ApplyMode != _admission.Mode)
        {
            throw new ProtocolException($"the target takes this delta by {_admission.Mode} alone");
        }

        if (begin.Plan is Plan.Digest or Plan.Tracked && !_map.IsTrusted)
        {
            throw new ProtocolException("plan 'digest' or 'tracked' without a map that can be trusted");
        }

        if (_purpose == Purpose.Verify && begin.Plan != Plan.Compare)
        {
            throw new ProtocolException("a session that verifies compares");
        }

        _interrupted.Check(begin.Resumed);
    }

    /// <summary>A copy that compares nothing must bring every block: of one that does not come nobody knows what it is.</summary>
    private long RequiredBlocks(BeginGeneration begin)
    {
        var onDevice = begin.ApplyMode == ApplyMode.Direct ? begin.FirstBlock : 0;
        return begin.Plan == Plan.Full ? _hasher.Layout.BlockCount - onDevice : 0;
    }

    private ITargetUpdate CreateUpdate(BeginGeneration begin)
    {
        var context = new UpdateContext(
            _target,
            _admission.Volume,
            _hasher,
            _admission.Epoch,
            new GenerationStart(begin.Generation, begin.Parent, begin.DataTime),
            _evidence
        )
        {
            RequiredBlocks = RequiredBlocks(begin),
            IsFirstCopy = _admission.IsFirstCopy,
        };
        return begin.ApplyMode == ApplyMode.Direct
            ? new DirectUpdate(context, Map, _resolver)
            : new JournalUpdate(
                context,
                Map,
                _resolver,
                _interrupted.Take(begin.Resumed),
                _journalLimitBytes
            );
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
            RequireAgreed(record);
            _chain!.Add(record);
            if (!update.Stage(record))
            {
                _map.EnsureBase(record.FirstBlock);
                await SendAsync(new BlockRefused(record.FirstBlock), cancellationToken);
            }

            _connection.Report(SessionPhase.Transfer, _chain.RecordCount);
        }

        await _connection.GrantAgainAsync(delta, cancellationToken);
    }

    private void RequireAgreed(DeltaRecord record)
    {
        if (
            record is BlockChange { Codec: not CodecId.Raw and var codec }
            && !AgreedCodecs.HasFlag((CodecSet)(1 << (int)codec))
        )
        {
            throw new ProtocolException(
                $"block {record.FirstBlock} is stored by codec {(byte)codec}, which was not agreed on"
            );
        }
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
            _durableCount = checkpoint.RecordCount;
        }
    }

    private void Report(UpdateStep step, long bytes) =>
        _connection.Report(step == UpdateStep.Flush ? SessionPhase.Flush : SessionPhase.Apply, bytes);

    private ValueTask SendAsync(Message message, CancellationToken cancellationToken) =>
        _connection.SendAsync(message, cancellationToken);
}
