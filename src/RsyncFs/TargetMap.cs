using RsyncFs.Blocks;
using RsyncFs.Errors;
using RsyncFs.Maps;
using RsyncFs.Targets;

namespace RsyncFs;

/// <summary>
/// The receiver's digest map in one session: believed where that is proven, else made by reading the device. What it
/// finds of a target that is not its generation becomes the target's state (C10).
/// </summary>
internal sealed class TargetMap : IDisposable
{
    private readonly Target _target;
    private readonly BlockHasher _hasher;
    private readonly TargetReader _reader;
    private readonly bool _writes;
    private readonly bool _isWhole;
    private DigestMap? _map;

    /// <summary>Takes the map of <paramref name="target"/>, if it may be believed.</summary>
    /// <param name="target">The target.</param>
    /// <param name="hasher">Its layout and hash.</param>
    /// <param name="reader">Reads its device.</param>
    /// <param name="isWhole">True if it is one whole generation of the session's volume.</param>
    /// <param name="writes">True if the session may write; one that does not makes no map of the target's own.</param>
    /// <exception cref="RsyncFsException">Both ends of the device were read, and are not what the map says (<see cref="ErrorId.TargetDiverged"/>).</exception>
    public TargetMap(Target target, BlockHasher hasher, TargetReader reader, bool isWhole, bool writes)
    {
        _target = target;
        _hasher = hasher;
        _reader = reader;
        _writes = writes;
        _isWhole = isWhole;
        _map = isWhole ? target.OpenTrustedMap(hasher) : null;
        if (_map is not null && !reader.EndsAreAs(_map))
        {
            Dispose();
            throw Diverged(
                "its first or last MiB is not what the digest map says, though the system counted no other writes"
            );
        }
    }

    /// <summary>True if there is a map that may be believed without reading the device.</summary>
    public bool IsTrusted => _map is not null;

    /// <summary>The map.</summary>
    /// <exception cref="ProtocolException">There is none: the question is not of this plan.</exception>
    public DigestMap Map => _map ?? throw new ProtocolException("a question that the plan does not allow");

    /// <summary>Makes the map one of what the device holds.</summary>
    /// <param name="readsTarget">True to read the device though the map could be believed.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="RsyncFsException">The device is not the generation that it should be (<see cref="ErrorId.TargetDiverged"/>).</exception>
    public async ValueTask PrepareAsync(bool readsTarget, CancellationToken cancellationToken)
    {
        if (_map is not null && !readsTarget)
        {
            return;
        }

        await FillAsync(_hasher.Layout.BlockCount, cancellationToken);
        if (!_isWhole || Map.ComputeRoot() == _target.Record!.Root)
        {
            return;
        }

        if (!_writes)
        {
            // The state is told; who compares is about to be told where the two differ.
            _target.MarkDiverged();
        }
        else
        {
            throw Diverged("all of it was read, and its root digest is not that of its generation");
        }
    }

    /// <summary>Makes the map for a copy that compares nothing: of what lies before <paramref name="endBlock"/>, which is on the device already.</summary>
    public async ValueTask PrepareForWholeAsync(long endBlock, CancellationToken cancellationToken)
    {
        if (_map is null)
        {
            await FillAsync(endBlock, cancellationToken);
        }
    }

    /// <summary>Some blocks as they are on the device. One that is something else than the map says is the target's state from now on.</summary>
    public Protocol.Messages.AuditDigests Audit(Protocol.Messages.AuditQuery query)
    {
        var (answer, isAsExpected) = _reader.Audit(query, Map);
        if (!isAsExpected && _isWhole)
        {
            _target.MarkDiverged();
        }

        return answer;
    }

    /// <summary>Of a block that did not prove: makes sure that the device has what the map says, as what was made of it relied on (C12).</summary>
    /// <exception cref="RsyncFsException">It has something else (<see cref="ErrorId.TargetDiverged"/>): the target is durably diverged.</exception>
    public void EnsureBase(long block)
    {
        if (_isWhole && !_reader.Audit(new Protocol.Messages.AuditQuery([block]), Map).IsAsExpected)
        {
            throw Diverged($"block {block} is something else than its digest map says");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _map?.Dispose();

    private async ValueTask FillAsync(long endBlock, CancellationToken cancellationToken)
    {
        _map?.Dispose();
        _map = _writes ? _target.CreateMap(_hasher) : _target.CreateScratchMap(_hasher);
        await _reader.FillAsync(_map, endBlock, cancellationToken);
    }

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
}
